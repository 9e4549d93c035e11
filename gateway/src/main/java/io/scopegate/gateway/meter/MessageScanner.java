package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;

/** Looks for something in decoded messages that come in pieces, and stops at the first flaw. */
abstract class MessageScanner {
  private boolean malformed;

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

  /** Looks no further: the content is not of the format. */
  final void stop() {
    malformed = true;
  }
}
