/** Showing one's screen, with its sound where there is any; and asking for it where it takes a permission. */
/** @import { Source } from "../types" */
import { ask, Refusal } from "../connection.js"
import { facts } from "../facts.js"
import { mayShare, takeScreen } from "../media/tracks.js"
import { say } from "../notices.js"
import { _ } from "../words.js"
import { now, show } from "./now.js"

/** Shows the screen to the others, or stops. */
export async function share() {
  if (now.tracks.has("screen")) return unshare()
  if (now.share !== "yes") return askToShare()
  if (!mayShare()) return void say(_("This browser cannot show its screen. A computer can."))
  try {
    const screen = await takeScreen()
    if (!screen) return
    now.tracks.set("screen", screen.picture)
    screen.picture.addEventListener("ended", unshare)
    await now.line?.send("screen", screen.picture)
    if (screen.sound) {
      now.tracks.set("screen_sound", screen.sound)
      await now.line?.send("screen_sound", screen.sound)
    }
  } catch (error) {
    await unshare()
    say(error instanceof Error && error.message ? error.message : _("The screen could not be shown."))
  }
  show()
}

async function askToShare() {
  if (now.share === "asked") return void say(_("You have asked to show your screen. The mediator sees it."))
  try {
    now.share = (await ask("ask_to_share", { room: facts().room })).share
    say(_("You have asked to show your screen. The mediator sees it."))
  } catch (refusal) {
    if (refusal instanceof Refusal) say(refusal.message)
  }
  show()
}

/** Something of one's own was ended by another: the permission to share, or a move to another place. @param {string} producer */
export function ended(producer) {
  const source = [...(now.line?.producers ?? [])].find(([, one]) => one.id === producer)?.[0]
  if (source === "screen" || source === "screen_sound") unshare()
}

export async function unshare() {
  for (const source of /** @type {Source[]} */ (["screen", "screen_sound"])) {
    now.tracks.get(source)?.stop()
    now.tracks.delete(source)
    await now.line?.stop(source)
  }
  show()
}
