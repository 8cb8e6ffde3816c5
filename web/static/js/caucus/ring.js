/** A call: seen, heard and felt for two minutes; and the private talks that stand open to come in later. */
/** @import { Call } from "../types" */
import { turnTo } from "../channels.js"
import { hear } from "../connection.js"
import { facts, nameOf } from "../facts.js"
import { button, copy, icon, make, part, redraw } from "../page.js"
import { _ } from "../words.js"
import { act } from "./wish.js"

const BEAT = 2500

/** @type {Map<string, Call>} */
const calls = new Map()
/** @type {{ channel: string, stop: () => void } | null} */
let ringing = null

/** @param {HTMLElement} doors */
export function start(doors) {
  const show = () => { showDoors(doors); ringNext(doors) }
  hear("entered", () => {
    calls.clear()
    for (const call of facts().calls ?? []) calls.set(call.channel, call)
    show()
  })
  hear("caucus_called", (/** @type {{ call: Call }} */ { call }) => { calls.set(call.channel, call); show() })
  hear("call_ended", (/** @type {{ channel: string }} */ { channel }) => {
    calls.delete(channel)
    if (ringing?.channel === channel) ringing.stop()
    show()
  })
  for (const call of facts().calls ?? []) calls.set(call.channel, call)
  show()
}

/** @param {Call} call */
function rings(call) {
  return call.until !== null && Date.parse(call.until) > Date.now()
}

/** @param {HTMLElement} doors */
function ringNext(doors) {
  const next = [...calls.values()].find(rings)
  if (ringing || !next) return
  const sheet = /** @type {HTMLDialogElement} */ (copy("ring"))
  part(sheet, "title").textContent = title(next)
  part(sheet, "text").textContent = meaning(next)
  document.body.append(sheet)
  sheet.showModal()
  const sound = makeSound()
  const beat = () => {
    if (!rings(next)) return void over(null)
    const left = Math.ceil((Date.parse(next.until ?? "") - Date.now()) / 1000)
    part(sheet, "left").textContent = _("It rings for %(n)s more seconds.", { n: left })
    sound.ring()
    navigator.vibrate?.([300, 150, 300])
  }
  const timer = setInterval(beat, BEAT)
  const stop = () => { clearInterval(timer); sound.close(); sheet.close(); sheet.remove(); ringing = null }
  /** @param {"accept_call" | "decline_call" | null} answer */
  const over = async (answer) => {
    stop()
    calls.set(next.channel, { ...next, until: null })
    showDoors(doors)
    if (!answer) return ringNext(doors)
    if ((await act(answer, { channel: next.channel })) && answer === "accept_call") comeIn(next.channel)
    ringNext(doors)
  }
  ringing = { channel: next.channel, stop }
  part(sheet, "accept").addEventListener("click", () => over("accept_call"))
  part(sheet, "decline").addEventListener("click", () => over("decline_call"))
  sheet.addEventListener("cancel", (event) => { event.preventDefault(); over("decline_call") })
  beat()
}

/** The tab of the room comes by a push of its own; whichever is first. @param {string} channel */
function comeIn(channel) {
  calls.delete(channel)
  if (turnTo(channel)) return
  const off = hear("channels", () => turnTo(channel) && off())
}

/** @param {Call} call */
function title(call) {
  const name = nameOf(call.by)
  if (call.form === "alone") return _("%(name)s asks you to talk alone", { name })
  if (call.form === "bench") return _("%(name)s asks you into the room of mediator and court", { name })
  return _("%(name)s asks you to a private talk", { name })
}

/** @param {Call} call */
function meaning(call) {
  if (call.form === "alone") return _("Private, among your own side. The mediator and the other side see and hear nothing.")
  if (call.form === "bench") return _("Private. The parties see and hear nothing.")
  return _("Private. The other side sees and hears nothing.")
}

/** Private talks that ring no more and stand open. @param {HTMLElement} doors */
function showDoors(doors) {
  const open = [...calls.values()].filter((call) => !rings(call))
  doors.hidden = open.length === 0
  redraw(doors, open.map((call) => {
    const row = make("p", "caucus__door")
    const words = make("span", "", call.form === "alone" ? _("%(name)s is in a private talk that is open to you.", { name: nameOf(call.by) }) : _("A private talk with %(name)s is open to you.", { name: nameOf(call.by) }))
    row.append(icon("lock"), words, button(_("Come in"), async () => {
      if (await act("enter_caucus", { channel: call.channel })) { comeIn(call.channel); showDoors(doors) }
    }, "button button--may button--small"))
    return row
  }))
}

/** Two soft notes; a browser that lets no page sound before it was touched stays silent. */
function makeSound() {
  const context = typeof AudioContext === "undefined" ? null : new AudioContext()
  return {
    ring() {
      if (context?.state !== "running") return
      for (const [n, pitch] of [660, 880].entries()) {
        const [tone, loudness] = [context.createOscillator(), context.createGain()]
        const at = context.currentTime + n * 0.25
        tone.frequency.value = pitch
        loudness.gain.setValueAtTime(0.12, at)
        loudness.gain.exponentialRampToValueAtTime(0.001, at + 0.6)
        tone.connect(loudness).connect(context.destination)
        tone.start(at)
        tone.stop(at + 0.6)
      }
    },
    close: () => void context?.close(),
  }
}
