package io.scopegate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.telemetry.RequestRecord;
import org.jspecify.annotations.Nullable;

/**
 * What a request was let through with, and is given back or charged as the request goes on. All
 * calls come on the exchange's event loop.
 */
public interface Admission {
  /** Whether {@link #received} has to be told what passes. */
  boolean measures();

  /**
   * Bytes of the request's body are about to be handed on.
   *
   * @param bytes as they came over the wire; neither changed nor kept
   * @param end whether the body ends with them
   * @return why neither they nor what follows may go on; null when they may
   */
  @Nullable Refusal received(ByteBuf bytes, boolean end);

  /**
   * The exchange has ended; called once, whatever became of it.
   *
   * @param record what is known about it
   */
  void ended(RequestRecord record);
}
