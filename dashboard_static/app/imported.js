/** Parts of the dashboard that are loaded when they are needed. */

/** The result of `load()`, which imports a part. Rejects with a message for users. */
export async function imported(load) {
  try {
    return await load();
  } catch {
    throw new Error("This part of the dashboard could not be loaded. Check your network connection.");
  }
}
