/** What is seen over the page while files are dragged there: where they would go. */
import { currentPlace, doorSign } from "./channels.js"
import { make } from "./page.js"
import { _ } from "./words.js"

const zone = make("div", "dropzone")
const words = make("p", "dropzone__words")
zone.hidden = true
zone.append(words)
document.body.append(zone)

/** @param {DataTransfer | null} dragged */
export function show(dragged) {
  const place = currentPlace()
  const open = Boolean(place?.write?.may_speak)
  if (dragged) dragged.dropEffect = open ? "copy" : "none"
  zone.hidden = false
  zone.dataset.place = open ? place?.kind : "closed"
  const said = !open ? _("Writing is not open to you here at the moment.") : place?.kind === "everyone" ? _("Drop here to send to everyone") : _("Drop here to send privately") + "\n" + (place ? doorSign(place) : "")
  if (words.textContent !== said) words.textContent = said
}

export function hide() {
  zone.hidden = true
}
