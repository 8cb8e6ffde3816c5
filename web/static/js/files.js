/** A stored file as it is shown: a picture as a picture, anything else as a card with its facts. */
/** @import { StoredFile } from "./types" */
import { icon, make } from "./page.js"
import { size } from "./times.js"
import { _ } from "./words.js"

const PICTURES = ["image/jpeg", "image/png", "image/gif", "image/webp"]

/** @param {string} type */
export function isPicture(type) {
  return PICTURES.includes(type)
}

/** @param {StoredFile} file */
export function showFile(file) {
  return isPicture(file.type) ? picture(file) : card(file)
}

/** @param {StoredFile} file */
function picture(file) {
  const link = make("a", "bubble__frame")
  link.href = address(file)
  link.target = "_blank"
  link.dataset.sha256 = file.sha256
  const shown = make("img", "bubble__picture")
  // The room is kept before the picture comes, so that the stream does not jump.
  if (file.width && file.height) Object.assign(shown, { width: file.width, height: file.height })
  shown.loading = "lazy"
  shown.decoding = "async"
  shown.alt = _("Picture: %(name)s", { name: file.name })
  // Small, and without the place that a phone writes into its pictures; a tap opens the original.
  shown.src = `${address(file)}?preview=1`
  link.append(shown)
  return link
}

/** @param {StoredFile} file */
export function card(file) {
  const link = make("a", "file")
  link.href = address(file)
  link.target = "_blank"
  link.dataset.sha256 = file.sha256
  link.append(icon("file"), make("span", "file__name", file.title || file.name), icon("download"))
  link.append(make("span", "file__more", `${file.title ? `${file.name} · ` : ""}${kindOf(file)} · ${size(file.size)}`))
  return link
}

/** The name by which everybody can tell that it is the same file. @param {string} sha256 */
export function fingerprint(sha256) {
  const box = make("details", "fingerprint")
  const short = make("summary", "small", _("Fingerprint %(short)s", { short: `${sha256.slice(0, 8)}…` }))
  box.append(short, make("code", "mono", sha256),
    make("p", "small quiet", _("SHA-256. If one character of the file were changed, this would be another number.")))
  return box
}

/** @param {StoredFile} file */
export function kindOf(file) {
  if (file.type.startsWith("image/")) return _("picture")
  if (file.type === "application/pdf") return "PDF"
  if (file.type.startsWith("audio/")) return _("sound")
  if (file.type.startsWith("video/")) return _("video")
  return file.name.includes(".") ? (file.name.split(".").pop() ?? "").toUpperCase() : _("file")
}

/** @param {StoredFile} file */
function address(file) {
  return `/files/${encodeURIComponent(file.id)}`
}
