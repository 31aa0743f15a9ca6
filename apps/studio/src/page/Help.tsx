// What the page is, and its keys.

import { useEffect, useRef } from "preact/hooks";
import { KEYS } from "./keys.ts";

export function Help({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title">Help and keys</h2>
      <p>
        A <b>metamer</b> is another image that a model takes for the same. A <b>MAD competition</b> makes the images
        about which two metrics disagree most. <b>Eigendistortions</b> are the changes of an image that a model sees
        most and least.
      </p>
      <p>
        Choose an image and a model, and press <i>Make it</i>. The same choice gives the same values on every machine:
        the hash at the end says so, and the link in the address makes it again elsewhere.
      </p>
      <p>Drop or paste an image to use it, or a .pt, PNG or recipe that was saved, to look at it and to check it.</p>
      <dl class="keys">
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
