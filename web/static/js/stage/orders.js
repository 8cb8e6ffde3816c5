/** What who leads has muted, locked or allowed, and what is known of the lines. */
/** @import { NetworkFacts, OrderFacts, Share, Source } from "../types" */
import { facts } from "../facts.js"
import { say } from "../notices.js"
import { _ } from "../words.js"
import { now, show } from "./now.js"
import { hold, release } from "./own.js"

/** What a moderator has muted, locked or allowed of oneself. @param {{ muted?: Source[], locked?: Source[], share?: Share, spotlight?: boolean }} order */
export function obey({ muted = [], locked = muted, share = "yes", spotlight = false }) {
  now.held = new Set(muted)
  now.locked = new Set(locked)
  now.share = share
  now.isLit = spotlight
}

/** @param {OrderFacts} order */
export function ordered(order) {
  if (order.person !== facts().me) now.orders.set(order.person, order)
  else {
    const { share: before, isLit } = now
    now.locked = new Set(order.locked)
    now.share = order.share
    now.isLit = order.spotlight
    if (now.isLit && !isLit) say(_("The mediator shows you large to everybody."))
    for (const source of /** @type {Source[]} */ (["mic", "camera"])) {
      if (!order.muted.includes(source)) release(source)
      else hold(source)
    }
    if (before !== "yes" && now.share === "yes") say(_("You may show your screen now."))
    if (before === "asked" && now.share === "no") say(_("The mediator does not want a screen to be shown at the moment."))
  }
  show()
}

/** @param {NetworkFacts} line */
export function measured(line) {
  now.network.set(line.person, line.quality)
  if (line.rtt_ms === undefined) now.lines.delete(line.person)
  else now.lines.set(line.person, line)
  show()
}
