package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;

/** Receives the decoded bytes of one body. */
interface Sink {
  /** More decoded bytes; the buffer is used again after the call. */
  void decoded(ByteBuf source, int from, int to);

  /** So many more decoded bytes will come, by a length that precedes them. */
  void announced(long bytes);

  /** Called when the framing or the compression is invalid, as every receiver will find. */
  void breakOff();

  /** Called when the rest cannot be measured, and must not pass uncounted. */
  void refuse(Flaw why);

  /** Whether no more is wanted. */
  boolean isOver();
}
