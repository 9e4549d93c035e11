package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;

/** Decodes the body of one request from the bytes on the wire. */
interface Body {
  /** More bytes as they came. */
  void take(ByteBuf source, int from, int to);

  /** The body has ended; whether it is complete. */
  boolean end();

  /** Decoded bytes that are certainly still to come, by the announced lengths. */
  long announced();

  /** Memory that decoding takes at the moment, in bytes. */
  int memoryBytes();

  /** Frees what it holds. */
  void close();
}
