/** How long things are kept: holds, requests to erase, and what was erased. */
import { add } from "../cards.js"
import { facts, nameOf } from "../facts.js"
import { _, language } from "../words.js"

add({
  hold_set: ({ actor, body }) => ({ icon: "lock", title: _("%(name)s holds everything: nothing is erased", { name: nameOf(actor) }), tone: "flat", text: why(body.reason) }),
  hold_lifted: ({ actor, body }) => ({ icon: "clock", title: _("%(name)s lifted the hold", { name: nameOf(actor) }), tone: "flat", text: why(body.reason) }),
  erasure_asked: ({ actor, body }) => ({ icon: "info", title: _("%(name)s asked for an erasure", { name: nameOf(actor) }), tone: "flat", text: why(body.reason), links: [keeping()] }),
  erasure_decided: ({ actor, body }) => ({ icon: "info", title: body.answer === "granted" ? _("%(name)s granted an erasure", { name: nameOf(actor) }) : _("%(name)s refused an erasure", { name: nameOf(actor) }), tone: "flat", text: why(body.reason), links: [keeping()] }),
  content_erased: ({ actor, body }) => {
    const what = { n: body.seqs?.length ?? 0, rule: body.name?.[language.startsWith("zh") ? "zh" : "en"] ?? "", name: nameOf(actor) }
    return body.why === "request" ? _("%(name)s granted a request: %(n)s contents were erased (%(rule)s).", what) : _("%(n)s contents were erased, because their time was over (%(rule)s).", what)
  },
})

/** @param {string | undefined} reason */
function why(reason) {
  return reason && _("The reason: %(reason)s", { reason })
}

/** @returns {[string, string]} */
function keeping() {
  return [`/cases/${facts().case.id}/keeping`, _("How long things are kept")]
}
