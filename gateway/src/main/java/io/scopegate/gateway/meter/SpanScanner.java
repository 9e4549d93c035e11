package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;

/**
 * Counts the spans of decoded messages that come in pieces. It looks only as deep as the spans lie,
 * skips the rest by its length, and stops counting at the first flaw.
 */
abstract class SpanScanner {
  private long spans;
  private boolean malformed;

  /** Spans that began so far. */
  final long spans() {
    return spans;
  }

  /** Whether it stopped at something that is not of its format. */
  final boolean malformed() {
    return malformed;
  }

  /** Looks at these bytes of a message. */
  final void scan(ByteBuf source, int from, int to) {
    if (!malformed) {
      read(source, from, to);
    }
  }

  /** A message is complete; another may follow. */
  final void endOfMessage() {
    if (!malformed) {
      finish();
    }
  }

  /** Reads on; called only while nothing was wrong. */
  abstract void read(ByteBuf source, int from, int to);

  /** Checks that the message may end here, and makes ready for another. */
  abstract void finish();

  /** One more span began. */
  final void found() {
    spans++;
  }

  /** Stops counting: the content is not of the format. */
  final void stop() {
    malformed = true;
  }
}
