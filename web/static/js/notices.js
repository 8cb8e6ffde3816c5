/** A sentence that comes and goes, and the questions that must be answered before something is done. */
import { button, copy, make, part } from "./page.js"
import { _ } from "./words.js"

/** @param {string} text @param {{ act?: string, then?: () => void, stays?: boolean }} [more] */
export function say(text, { act, then, stays = false } = {}) {
  const place = part(document.body, "toasts")
  const toast = make("div", "toast")
  toast.setAttribute("role", "status")
  toast.append(make("span", "", text))
  if (act && then) toast.append(button(act, () => { toast.remove(); then() }, "button button--small button--quiet"))
  if (stays) toast.append(button(_("Close"), () => toast.remove(), "button button--small button--quiet"))
  place.append(toast)
  if (!stays) setTimeout(() => toast.remove(), 8000)
  return toast
}

/**
 * Asks in a sheet; the answer is what was typed, "" when no word was wanted, null when it was not agreed to.
 * @param {{ title: string, text?: string, reason?: string, act: string, grave?: boolean }} question
 * @returns {Promise<string | null>}
 */
export function confirm({ title, text = "", reason, act, grave = false }) {
  const sheet = /** @type {HTMLDialogElement} */ (copy("question"))
  part(sheet, "title").textContent = title
  part(sheet, "text").textContent = text
  const field = part(sheet, "field")
  const input = /** @type {HTMLInputElement} */ (part(sheet, "reason"))
  field.hidden = !reason
  part(sheet, "label").textContent = reason ?? ""
  input.required = Boolean(reason)
  const yes = part(sheet, "yes")
  yes.textContent = act
  yes.classList.toggle("button--seal", grave)
  document.body.append(sheet)
  sheet.showModal()
  return new Promise((resolve) => {
    sheet.addEventListener("close", () => {
      sheet.remove()
      resolve(sheet.returnValue === "yes" ? input.value.trim() : null)
    })
  })
}
