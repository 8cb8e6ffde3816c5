/** What the line is worth, from the browser's own counters. */
/** @import { Line } from "./line.js" */

/** @typedef {{ rtt_ms: number, loss: number, kbit_up: number, kbit_down: number }} Quality */

/**
 * Looks at the counters now and once more after a while.
 * @param {Line} line @param {number} ms @returns {Promise<Quality>}
 */
export async function measureLine(line, ms) {
  const before = await count(line)
  await new Promise((resolve) => setTimeout(resolve, ms))
  const after = await count(line)
  const seconds = Math.max(0.001, (after.at - before.at) / 1000)
  const came = after.received - before.received
  const lost = Math.max(0, after.lost - before.lost)
  return {
    rtt_ms: Math.round(after.rtt * 1000),
    loss: came + lost > 0 ? Math.round((1000 * lost) / (came + lost)) / 1000 : 0,
    kbit_up: Math.round(((after.up - before.up) * 8) / 1000 / seconds),
    kbit_down: Math.round(((after.down - before.down) * 8) / 1000 / seconds),
  }
}

/** @param {Line} line */
async function count(line) {
  const sums = { at: performance.now(), rtt: 0, up: 0, down: 0, received: 0, lost: 0 }
  for (const transport of [line.up, line.down]) {
    const report = transport && !transport.closed ? await transport.getStats() : []
    report.forEach((/** @type {any} */ stat) => {
      if (stat.type === "outbound-rtp") sums.up += stat.bytesSent ?? 0
      if (stat.type === "inbound-rtp") {
        sums.down += stat.bytesReceived ?? 0
        sums.received += stat.packetsReceived ?? 0
        sums.lost += stat.packetsLost ?? 0
      }
      if (stat.type === "candidate-pair" && stat.nominated) sums.rtt = Math.max(sums.rtt, stat.currentRoundTripTime ?? 0)
    })
  }
  return sums
}
