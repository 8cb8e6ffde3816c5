/** Going to one entry, wherever it is: to its place, up or down its stream, and showing which one it is. */
import { jumpTo } from "../channels.js"
import { say } from "../notices.js"
import { _ } from "../words.js"

/** @param {string} channel @param {number} seq */
export async function jump(channel, seq) {
  await jumpTo(channel, seq)
  const row = rowOf(channel, seq)
  if (!row) return void say(_("This message cannot be shown at the moment."))
  row.scrollIntoView({ block: "center" })
  row.classList.remove("bubble--found")
  requestAnimationFrame(() => row.classList.add("bubble--found"))
  row.tabIndex = -1 // who listens, or uses keys, is there too
  row.focus({ preventScroll: true })
}

/** @param {string} channel @param {number} seq */
export function rowOf(channel, seq) {
  const row = document.querySelector(`.stream [data-channel="${CSS.escape(channel)}"][data-seq="${seq}"]`)
  return row instanceof HTMLElement ? row : null
}
