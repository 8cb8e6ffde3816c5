/** What was taken back, opened by order: asked for at its stub, ordered and carried out on the cards in the record, and looked at. */
/** @import { Body, Entry } from "../types" */
import { ask, Refusal } from "../connection.js"
import { card } from "../files.js"
import { confirm, say } from "../notices.js"
import { copy, newId, part } from "../page.js"
import { _ } from "../words.js"

/** @typedef {{ channel: string, seq: number }} Place */

/** @type {Record<string, (place: Place) => Promise<unknown>>} what the buttons of the cards do */
const doings = { order_unsealing: order, refuse_unsealing: refuse, unseal_message: carryOut, look_at_message: look }

/** A button on a card was pressed. @param {HTMLElement} pressed */
export function press(pressed) {
  const doing = doings[pressed.dataset.act ?? ""]
  if (doing) told(doing({ channel: pressed.dataset.of ?? "", seq: Number(pressed.dataset.at) }))
}

/** @param {Place} place */
export function askToOpen(place) {
  told(askFor(place))
}

/** @param {Promise<unknown>} done */
async function told(done) {
  try {
    await done
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
    say(refusal.message)
  }
}

/** @param {Place} place */
async function askFor(place) {
  const reason = await confirm({
    title: _("Ask the judge to open this message?"), text: _("Everybody in the case, the court too, reads that you ask, and why. Only the judge can order it."),
    reason: _("Why should it be opened?"), act: _("Ask the judge"),
  })
  if (reason) await ask("ask_unsealing", { ...place, reason })
}

/** @param {Place} place */
async function order(place) {
  const reason = await confirm({
    title: _("Order that this message be opened?"), text: _("The clerk carries it out. Those who see the channel can then read it, and everybody in the case reads your reason."),
    reason: _("The reason"), act: _("Give the order"), grave: true,
  })
  if (reason) await ask("order_unsealing", { ...place, reason })
}

/** @param {Place} place */
async function refuse(place) {
  const reason = await confirm({
    title: _("Leave this message sealed?"), text: _("Everybody in the case reads your reason. You can still order it later."), reason: _("The reason"), act: _("Leave it sealed"),
  })
  if (reason) await ask("refuse_unsealing", { ...place, reason })
}

/** @param {Place} place */
async function carryOut(place) {
  const yes = await confirm({
    title: _("Open this message, as the judge has ordered?"), text: _("Those who see the channel can then read it. Each look is noted. You do not see it, unless you are one of them."),
    act: _("Carry out the order"), grave: true,
  })
  if (yes !== null) await ask("unseal_message", place)
}

/** @param {Place} place */
async function look(place) {
  const yes = await confirm({
    title: _("Look at this message?"), text: _("It was taken back, and opened by the judge’s order. That you look is noted, and everybody here sees it."), act: _("Look at it"),
  })
  if (yes === null) return
  /** @type {{ body: Body }} */
  const { body } = await ask("look_at_message", { ...place, client_id: newId() })
  const sheet = /** @type {HTMLDialogElement} */ (copy("opened-sheet"))
  part(sheet, "text").textContent = body.text ?? ""
  if (body.file) part(sheet, "file").append(card(body.file))
  sheet.addEventListener("close", () => sheet.remove())
  document.body.append(sheet)
  sheet.showModal()
}
