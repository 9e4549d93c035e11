package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;

/** Where decoded bytes go. */
interface Sink {
  /** More decoded bytes; the buffer is used again after the call. */
  void decoded(ByteBuf source, int from, int to);

  /** The framing or the compression is not what it says. */
  void breakOff();

  /** Whether no more is wanted. */
  boolean isOver();
}
