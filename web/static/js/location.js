/** Sharing where one is: after a clear question, with the browser's permission, and only this once. */
/** @import { Location } from "./types" */
/** @import { Place } from "./channels.js" */
import { currentPlace, doorSign, streamOf } from "./channels.js"
import * as outbox from "./outbox.js"
import { button, icon, make, newId } from "./page.js"
import { number } from "./times.js"
import { _, gap } from "./words.js"

const PATIENCE = 20_000

export function share() {
  const place = currentPlace()
  const channel = place?.write
  if (!place || !channel?.may_speak) return
  const sheet = make("dialog", `dialog sheet sheet--${place.kind}`)
  const form = make("form", "form")
  const title = make("h2", "", _("Share where you are?"))
  title.id = "location-title"
  sheet.setAttribute("aria-labelledby", title.id)
  const to = make("p", "sheet__place")
  to.append(icon(place.kind === "everyone" ? "people" : "lock"), make("span", "", place.kind === "everyone" ? _("Both sides see it, and it stays.") : doorSign(place)))
  const told = make("p", "", _("Your device is asked once for the place where you are now. Nobody follows you, and no map is fetched."))
  told.setAttribute("role", "status")
  const label = make("label", "field")
  const name = make("input", "input")
  Object.assign(name, { maxLength: 100, autocomplete: "off" })
  label.append(make("span", "field__label", _("What is this place? You may leave it empty.")), name)
  label.hidden = true
  const go = make("button", "button", _("Find where I am"))
  const buttons = make("div", "buttons")
  buttons.append(go, button(_("Cancel"), () => sheet.close(), "button button--quiet"))
  form.append(title, to, told, label, buttons)
  sheet.append(form)
  /** @type {GeolocationCoordinates | null} */
  let found = null
  form.addEventListener("submit", async (event) => {
    event.preventDefault()
    if (found) {
      sheet.close()
      return send(channel.id, { latitude: found.latitude, longitude: found.longitude, accuracy: Math.min(found.accuracy, 100_000), name: name.value.trim() })
    }
    go.disabled = true
    told.textContent = _("Looking for the place…")
    try {
      found = await find()
      told.textContent = _("Found: %(north)s, %(east)s, to about %(n)s m.", { north: found.latitude.toFixed(5), east: found.longitude.toFixed(5), n: number(Math.ceil(found.accuracy)) })
      label.hidden = false
      go.textContent = words(place)
      name.focus()
    } catch (error) {
      told.textContent = advice(error)
      go.textContent = _("Try again")
    } finally {
      go.disabled = false
    }
  })
  sheet.addEventListener("close", () => sheet.remove())
  document.body.append(sheet)
  sheet.showModal()
}

/** @param {Place} place */
function words(place) {
  return place.kind === "everyone" ? _("Send to everyone") : _("Send privately")
}

/** @returns {Promise<GeolocationCoordinates>} */
function find() {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) return reject(new Error("no geolocation"))
    navigator.geolocation.getCurrentPosition(({ coords }) => resolve(coords), reject, { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: 30_000 })
  })
}

/** @param {unknown} error */
function advice(error) {
  const refused = error instanceof GeolocationPositionError && error.code === error.PERMISSION_DENIED
  return refused
    ? _("The browser does not let this page know where you are. Tap the sign beside the address, allow the location, and try again.") + gap + _("Or write where you are.")
    : _("The place could not be found. Go near a window or switch the location on in your device.") + gap + _("Or write where you are.")
}

/** It goes as a message does: kept here until it has arrived. @param {string} channel @param {Location} location */
function send(channel, location) {
  const letter = { client_id: newId(), channel, text: "", location, at: new Date().toISOString() }
  streamOf(channel)?.showLetter(letter)
  outbox.post(letter)
}
