/** The quiet words one may see: how far each has come, and what who sees to them may do. It comes when it is asked for. */
/** @import { Concern } from "./types" */
import { hear } from "./connection.js"
import { facts, may, nameOf } from "./facts.js"
import { confirm } from "./notices.js"
import { button, copy, icon, make, part, redraw } from "./page.js"
import { concerns, read, send, showSheet } from "./quiet.js"
import { dayAndClock } from "./times.js"
import { _, gap } from "./words.js"

/** What was reported, with how far it has come; for who sees to it, what may be done. */
export function open() {
  const sheet = /** @type {HTMLDialogElement} */ (copy("concerns-sheet"))
  part(sheet, "title").textContent = may("see_concerns") ? _("Quiet words") : _("What I have reported")
  const draw = () => redraw(part(sheet, "list"), concerns.map((one) => row(one)))
  draw()
  const stop = hear("concerns_read", draw)
  showSheet(sheet)
  sheet.addEventListener("close", () => stop())
}

/** @param {Concern} one */
function row(one) {
  const item = make("li", "card card--flat concern")
  const title = make("p", "card__title")
  title.append(icon(one.kind === "unsafe" ? "shield" : "alert"), titleOf(one))
  item.append(title, make("p", "card__meta", [dayAndClock(one.at), stateOf(one)].join(" · ")))
  if (one.reason) item.append(make("p", "", _("The reason: %(reason)s", { reason: one.reason })))
  if (one.result) item.append(make("p", "", _("What came of it: %(result)s", { result: one.result })))
  if (may("see_concerns") && one.state !== "closed") item.append(acts(one))
  return item
}

/** @param {Concern} one */
function titleOf(one) {
  if (one.by === facts().me) return one.kind === "unsafe" ? _("You said that you are not safe") : _("You reported %(name)s", { name: nameOf(one.about) })
  if (one.kind === "unsafe") return _("%(name)s is not safe", { name: nameOf(one.by) })
  return one.seq ? _("%(by)s reports a message of %(name)s", { by: nameOf(one.by), name: nameOf(one.about) }) : _("%(by)s reports %(name)s", { by: nameOf(one.by), name: nameOf(one.about) })
}

/** @param {Concern} one */
function stateOf(one) {
  if (one.state === "open") return _("not seen to yet")
  const by = { name: nameOf(one.handled_by) }
  return one.state === "taken" ? _("%(name)s sees to it", by) : _("closed by %(name)s", by)
}

/** @param {Concern} one */
function acts(one) {
  const line = make("p", "buttons")
  const asked = { concern: one.id }
  if (one.state === "open") line.append(button(_("I see to it"), () => handle({ ...asked, state: "taken" }), "button button--may button--small"))
  line.append(button(_("Close it…"), async () => {
    const result = await confirm({ title: _("What came of it?"), text: titleOf(one) + gap + _("Whoever reported it reads this."), reason: _("Result"), act: _("Close it") })
    if (result) await handle({ ...asked, state: "closed", result })
  }))
  return line
}

/** @param {{ concern: string, state: string, result?: string }} asked */
async function handle(asked) {
  if (await send("handle_concern", asked)) await read()
}
