package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;

/**
 * Decodes one compressed body or message into a {@link Sink}, a scratch buffer at a time, and no
 * further than its bound. For one thread.
 */
interface Decoding {
  /** Compressed bytes. */
  void take(ByteBuf source, int from, int to);

  /** The compressed data is complete; whether it may end here. */
  boolean mayEnd();

  /** Memory that it takes at the moment, in bytes: buffers of its own and native memory. */
  int memoryBytes();

  /** Gives back what it has borrowed; may be called twice. */
  void close();
}
