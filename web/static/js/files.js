/** A stored file as it is shown: a picture as a picture, anything else as a card with its facts. */
/** @import { Entry, Location, StoredFile } from "./types" */
import { icon, make } from "./page.js"
import { number, size } from "./times.js"
import { _ } from "./words.js"

const PICTURES = ["image/jpeg", "image/png", "image/gif", "image/webp"]

/** @param {string} type */
export function isPicture(type) {
  return PICTURES.includes(type)
}

/** @param {StoredFile} file @param {Entry} entry */
export function showFile(file, entry) {
  if (file.voice) return voice(file, entry)
  if (file.clip) return clip(file)
  return isPicture(file.type) ? picture(file) : card(file)
}

/** Its place is kept while the player comes. @param {StoredFile} file @param {Entry} entry */
function voice(file, entry) {
  const box = make("div", "voice")
  import("./player.js").then((player) => player.fill(box, file, entry), () => box.replaceChildren(card(file)))
  return box
}

/** @param {StoredFile} file */
function clip(file) {
  const shown = make("video", "bubble__clip")
  Object.assign(shown, { controls: true, preload: "none", playsInline: true, width: file.clip?.width, height: file.clip?.height })
  shown.setAttribute("aria-label", _("Video: %(name)s", { name: file.name }))
  shown.dataset.sha256 = file.sha256
  shown.poster = `${address(file)}?preview=1`
  shown.src = address(file)
  shown.addEventListener("error", () => {
    shown.replaceWith(card(file), make("p", "small quiet", _("This device cannot play this video. Save it to look at it.")))
  }, { once: true })
  return shown
}

/** Where somebody is: in words and numbers. No map is fetched; what shows one opens by a click only. @param {Location} at */
export function showPlace(at) {
  const [north, east] = [Number(at.latitude).toFixed(5), Number(at.longitude).toFixed(5)]
  const box = make("div", "spot")
  const digits = make("span", "spot__digits", `${north}, ${east}`)
  digits.dir = "ltr"
  box.append(icon("spot"), make("span", "spot__name", at.name || _("A place")), digits,
    make("span", "spot__more", _("to about %(n)s m", { n: number(at.accuracy) })),
    way(`geo:${north},${east}?q=${north},${east}`, _("Open in a maps app")),
    way(`https://www.openstreetmap.org/?mlat=${north}&mlon=${east}#map=17/${north}/${east}`, "OpenStreetMap"))
  return box
}

/** @param {string} address @param {string} words */
function way(address, words) {
  const link = make("a", "spot__way", words)
  Object.assign(link, { href: address, target: "_blank", rel: "noopener noreferrer" })
  return link
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
  link.dataset.name = file.name
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    import("./viewer.js").then((viewer) => viewer.open(link), () => { location.href = link.href })
  })
  return link
}

/** @param {StoredFile} file */
export function card(file) {
  const link = make("a", "file")
  link.href = address(file)
  link.target = "_blank"
  link.dataset.sha256 = file.sha256
  link.append(icon(signOf(file)), make("span", "file__name", file.title || file.name), icon("download"))
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
function signOf(file) {
  if (file.type.startsWith("image/")) return "image"
  if (file.type.startsWith("audio/")) return "speaker"
  if (file.type.startsWith("video/")) return "camera"
  return file.type === "application/pdf" || file.type.includes("document") || file.type.startsWith("text/") ? "document" : "file"
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
