/** The screen stays on while one is in a meeting. */

/** @type {WakeLockSentinel | null} */
let lock = null
let wanted = false

export function stayAwake() {
  wanted = true
  document.addEventListener("visibilitychange", hold)
  hold()
}

export function maySleep() {
  wanted = false
  document.removeEventListener("visibilitychange", hold)
  lock?.release().catch(() => undefined)
  lock = null
}

/** The browser lets go of the lock whenever the page is hidden. */
async function hold() {
  if (!wanted || document.visibilityState !== "visible") return
  try {
    lock = await navigator.wakeLock?.request("screen")
  } catch {
    lock = null // a low battery refuses it; the meeting goes on
  }
}
