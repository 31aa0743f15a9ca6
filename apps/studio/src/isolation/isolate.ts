// Asks for threads where the host does not give them.

const TRIED = "plenoptic-studio-isolation";

/** Has the service worker answer from now on, and loads the page anew, once. True where that is under way. */
export async function isolate(): Promise<boolean> {
  if (crossOriginIsolated || !isSecureContext || !("serviceWorker" in navigator)) return false;
  try {
    // A page that is not isolated the second time never will be: then one thread has to do.
    if (sessionStorage.getItem(TRIED) !== null) return false;
    sessionStorage.setItem(TRIED, "yes");
    await navigator.serviceWorker.register("./isolation.js");
    await navigator.serviceWorker.ready;
  } catch {
    return false;
  }
  location.reload();
  return true;
}
