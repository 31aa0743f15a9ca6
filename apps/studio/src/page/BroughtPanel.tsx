// A result that somebody brought back: what it is, its images, and whether it can be made again here.

import { verify } from "./actions.ts";
import { Picture } from "./Picture.tsx";
import { asStored } from "./picture.ts";
import * as state from "./state.ts";

export function BroughtPanel() {
  const { brought, verified, verifying, phase, image } = state;
  const file = brought.value;
  if (file === null) return null;
  return (
    <div class="brought">
      <h2>
        {file.file}: {file.kind}
      </h2>
      <div class="places">
        {file.images.map(({ title, plane }) => (
          <figure key={title}>
            <Picture plane={plane} shade={asStored} label={`${title}, ${plane.width} x ${plane.height} pixels`} />
            <figcaption>{title}</figcaption>
          </figure>
        ))}
      </div>
      <pre>{file.lines.join("\n")}</pre>
      {file.canVerify && (
        <div class="buttons">
          <button type="button" class="main" disabled={phase.value === "verifying"} onClick={() => void verify(false)}>
            Make it again and compare
          </button>
          {image.value !== null && (
            <button type="button" disabled={phase.value === "verifying"} onClick={() => void verify(true)}>
              The same, with the image that is open
            </button>
          )}
        </div>
      )}
      {verifying.value !== null && (
        <p role="status">
          Step {verifying.value.step}
          {verifying.value.steps === null ? "" : ` of ${verifying.value.steps}`}
        </p>
      )}
      {verified.value !== null && (
        <p role="status" class={`verdict ${verified.value.verdict}`}>
          {verified.value.text}
        </p>
      )}
    </div>
  );
}
