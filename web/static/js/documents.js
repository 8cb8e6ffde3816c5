/** Submitting a document: what it is called, and to whom it is visible, said before it is sent. */
import { allChannels, facts, leads, nameOf } from "./facts.js"
import { make, part } from "./page.js"
import { sendFile } from "./uploads.js"
import { _ } from "./words.js"

let begun = false

/** Opens the sheet. @param {ParentNode} root */
export function open(root) {
  const sheet = /** @type {HTMLDialogElement} */ (part(root, "document-sheet"))
  if (!begun) start(root, sheet)
  begun = true
  part(root, "plus").hidePopover?.()
  const form = /** @type {HTMLFormElement} */ (part(sheet, "form"))
  form.reset()
  showChoices(part(sheet, "audience"))
  sheet.showModal()
}

/** @param {ParentNode} root @param {HTMLDialogElement} sheet */
function start(root, sheet) {
  const form = /** @type {HTMLFormElement} */ (part(sheet, "form"))
  const file = /** @type {HTMLInputElement} */ (part(sheet, "file"))
  const title = /** @type {HTMLInputElement} */ (part(sheet, "title"))
  part(sheet, "cancel").addEventListener("click", () => sheet.close())
  file.addEventListener("change", () => {
    // The name of the file is a fair first guess at what it is.
    if (!title.value) title.value = (file.files?.[0]?.name ?? "").replace(/\.[^.]+$/, "").slice(0, 120)
  })
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    const chosen = file.files?.[0]
    const channel = String(new FormData(form).get("audience") ?? "")
    if (!chosen || !channel || !title.value.trim()) return
    sheet.close()
    sendFile(chosen, { channel, purpose: "document", title: title.value.trim() })
  })
}

/** Nothing is chosen beforehand: who sees a document is decided, not overlooked. @param {HTMLElement} box */
function showChoices(box) {
  const all = allChannels()
  const record = all.find((one) => one.kind === "record")
  const choices = record ? [choice(record.id, _("Everybody in this case"), _("It becomes part of the record of the case."))] : []
  for (const one of all.filter((channel) => channel.kind === "private" && channel.open)) {
    const others = one.people.filter((id) => id !== facts().me).map(nameOf).join(_(", "))
    const words = leads() ? _("Only this side: %(names)s", { names: others }) : _("Only the mediator, in private")
    choices.push(choice(one.id, words, leads() ? "" : _("Seen by %(names)s. The other side does not learn of it.", { names: others })))
  }
  box.replaceChildren(...choices)
}

/** @param {string} value @param {string} words @param {string} more */
function choice(value, words, more) {
  const label = make("label", "choice")
  const input = make("input")
  Object.assign(input, { type: "radio", name: "audience", value, required: true })
  label.append(input, make("span", "", words))
  if (more) label.append(make("span", "choice__more", more))
  return label
}
