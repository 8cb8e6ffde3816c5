/** Private talks: calls that ring, the bar of the room one is in, what may be told of what was said, and the ways into all of it. */
/** @import { CaucusFacts, Entry } from "./types" */
import { start as startBar } from "./caucus/bar.js"
import { start as startMarks } from "./caucus/marks.js"
import { start as startRing } from "./caucus/ring.js"
import { act, begin } from "./caucus/wish.js"
import { currentPlace } from "./channels.js"
import { hear, tell } from "./connection.js"
import { channel, everybody, facts, leads, may, me, nameOf } from "./facts.js"
import { confirm, say } from "./notices.js"
import { newId, part } from "./page.js"
import { _ } from "./words.js"

/** @param {HTMLElement} root */
export function start(root) {
  hear("caucus_changed", (/** @type {{ channel: string, people: string[], caucus: CaucusFacts }} */ stands) => {
    const known = channel(stands.channel)
    if (!known) return
    Object.assign(known, { people: stands.people, caucus: stands.caucus })
    tell("channels", null)
  })
  part(root, "caucus").addEventListener("click", () => begin("caucus"))
  part(root, "announce").addEventListener("click", announce)
  startApart(part(root, "apart"))
  startMenu(part(root, "composer"))
  hear("call_declined", (/** @type {Entry} */ { channel, body }) => isMine(channel) && say(_("%(name)s does not come now.", { name: nameOf(body.person) })))
  hear("call_unanswered", (/** @type {Entry} */ { channel, body }) => isMine(channel) && say(_("%(name)s did not answer the call.", { name: nameOf(body.person) })))
  hear("mediator_called", (/** @type {Entry} */ { body }) => leads() && say(_("%(name)s asks you to come.", { name: nameOf(body.person) }), { stays: true }))
  startBar(part(root, "talk"))
  startMarks(part(root, "talk"))
  startRing(part(root, "doors"))
}

/** Shuttle mode: the sides do not meet. @param {HTMLElement} button */
function startApart(button) {
  const show = () => {
    const apart = Boolean(facts().house.apart)
    button.setAttribute("aria-pressed", String(apart))
    part(button, "apart-words").textContent = apart ? _("Let the sides meet again") : _("Keep the sides apart")
  }
  hear("entered", show)
  show()
  button.addEventListener("click", async () => {
    const room = facts().room
    if (facts().house.apart) return act("join_sides", { room, client_id: newId() })
    const sure = await confirm({ title: _("Keep the sides apart?"), text: _("They no longer see, hear or write to each other. You go between them, and tell only what is released."), act: _("Keep the sides apart") })
    if (sure !== null) act("part_sides", { room, client_id: newId() })
  })
}

/** Whether this reader made the call of which is spoken. @param {string} id */
function isMine(id) {
  return channel(id)?.caucus?.by === facts().me
}

/** @param {HTMLElement} composer */
function startMenu(composer) {
  const [alone, bench, asking] = ["alone", "bench", "ask-mediator"].map((name) => part(composer, name))
  alone?.addEventListener("click", () => begin("alone"))
  bench?.addEventListener("click", () => begin("bench"))
  asking?.addEventListener("click", async () => {
    if (await act("call_mediator", { room: facts().room, client_id: newId() })) say(_("The mediator sees that you ask for a private talk. The other side does not."))
  })
  for (const item of [alone, bench, asking]) item?.addEventListener("click", () => part(composer, "plus").hidePopover?.())
  const show = () => {
    const here = currentPlace()?.kind !== "caucus"
    if (alone) alone.hidden = !here || !may("call_own_side") || !others(me()?.side).length
    if (bench) bench.hidden = !here || !may("call_bench") || leads()
    if (asking) asking.hidden = !here || !may("call_own_side")
  }
  hear("turned", show)
  hear("entered", show)
  show()
}

/** @param {string | undefined} side */
function others(side) {
  return everybody().filter((one) => one.side === side && one.id !== facts().me)
}

async function announce() {
  const text = await confirm({ title: _("Tell all private talks"), text: _("It stands in every private talk that is on, as an announcement of yours."), reason: _("What do you want to say?"), act: _("Tell all") })
  if (text) act("announce_to_caucuses", { room: facts().room, text, client_id: newId() })
}
