/** Files that the page writes: on disk where the browser supports it, else collected and then downloaded. */

const TYPES = [{ description: "CSV", accept: { "text/csv": [".csv"] } }];

/** Whether the browser lets the user choose a file that is written part by part. Only over https and on `localhost`. */
export const canChooseFile = () => Boolean(globalThis.showSaveFilePicker);

/** Whether `openFile` needs another click first: browsers show their dialog only within seconds of one. */
export const needsClick = () => canChooseFile() && !navigator.userActivation.isActive;

/** A file `{ write(text), close(), abort() }`. Rejects with an `AbortError` if the user closes the browser's dialog. */
export async function openFile(name) {
  if (!canChooseFile()) return downloaded(name);
  const chosen = await showSaveFilePicker({ suggestedName: name, types: TYPES });
  return chosen.createWritable();
}

function downloaded(name) {
  let parts = [];
  return {
    write: async (text) => void parts.push(new Blob([text])), // browsers move large blobs to the disk
    close: async () => save(new Blob(parts, { type: "text/csv;charset=utf-8" }), name),
    abort: async () => void (parts = []),
  };
}

const KEPT_MS = 60_000; // until the browser has read it

function save(blob, name) {
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(blob);
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), KEPT_MS);
}
