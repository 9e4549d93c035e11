package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;

/** Receives the decoded bytes of one body. */
interface Sink {
  /** More decoded bytes; the buffer is used again after the call. */
  void decoded(ByteBuf source, int from, int to);

  /** Called when the framing or the compression is invalid. */
  void breakOff();

  /** Whether no more is wanted. */
  boolean isOver();
}
