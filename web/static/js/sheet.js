/** The sheet before pasted or dropped files are sent: what they are, and above all to whom they go. */
/** @import { Place } from "./channels.js" */
import { sendFiles } from "./attach.js"
import { doorSign } from "./channels.js"
import { facts, nameOf } from "./facts.js"
import { button, icon, iconButton, make } from "./page.js"
import { size } from "./times.js"
import { _ } from "./words.js"

const LONGEST = 1000

/** @param {File[]} files @param {Place} place where they go, whatever is open by the time they are sent */
export function open(files, place) {
  const channel = place.write?.id ?? ""
  let chosen = [...files]
  const sheet = make("dialog", `dialog sheet sheet--${place.kind}`)
  const form = make("form", "form")
  const title = make("h2", "", place.kind === "everyone" ? _("Send to everyone?") : _("Send privately?"))
  title.id = "sheet-title"
  sheet.setAttribute("aria-labelledby", title.id)
  const to = make("p", "sheet__place")
  to.append(icon(place.kind === "everyone" ? "people" : "lock"), make("span", "", audience(place)))
  const list = make("ul", "sheet__files")
  const label = make("label", "field")
  const words = make("input", "input")
  Object.assign(words, { maxLength: LONGEST, autocomplete: "off" })
  label.append(make("span", "field__label", _("Words to it, if you like")), words)
  const go = make("button", "button", place.kind === "everyone" ? _("Send to everyone") : _("Send privately"))
  go.prepend(icon("send"))
  const buttons = make("div", "buttons")
  buttons.append(go, button(_("Cancel"), () => sheet.close(), "button button--quiet"))
  form.append(title, to, list, label, buttons)
  sheet.append(form)
  const show = () => list.replaceChildren(...chosen.map((file) => line(file, () => {
    chosen = chosen.filter((one) => one !== file)
    if (!chosen.length) return sheet.close()
    show()
    words.focus()
  })))
  show()
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    sheet.close()
    sendFiles(chosen, channel, words.value.trim())
  })
  sheet.addEventListener("close", () => {
    for (const shown of list.querySelectorAll("img")) URL.revokeObjectURL(shown.src)
    sheet.remove()
  })
  document.body.append(sheet)
  sheet.showModal()
  words.focus()
}

/** @param {Place} place */
function audience(place) {
  if (place.kind !== "everyone") return doorSign(place)
  const names = (place.write?.people ?? []).filter((id) => id !== facts().me).map(nameOf)
  return _("Both sides see it: %(names)s.", { names: names.join(_(", ")) })
}

/** @param {File} file @param {() => void} drop */
function line(file, drop) {
  const row = make("li", "sheet__file")
  if (file.type.startsWith("image/")) {
    const shown = make("img", "sheet__thumb")
    shown.src = URL.createObjectURL(file)
    shown.alt = ""
    row.append(shown)
  } else {
    const sign = make("span", "sheet__thumb")
    sign.append(icon(file.type.startsWith("video/") ? "camera" : file.type.startsWith("audio/") ? "speaker" : "document"))
    row.append(sign)
  }
  row.append(make("span", "sheet__name", file.name), make("span", "sheet__size", size(file.size)),
    iconButton("close", _("Leave out “%(name)s”", { name: file.name }), drop, "button button--bare button--round"))
  return row
}
