package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;

/** What lies between the bytes on the wire and the decoded ones. */
interface Body {
  /** More bytes as they came. */
  void take(ByteBuf source, int from, int to);

  /** That was all; whether it may end so. */
  boolean end();

  /** What is still to come for certain, decoded. */
  long announced();

  /** Frees what it holds. */
  void close();
}
