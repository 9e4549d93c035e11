package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.StreamEnd;
import org.jspecify.annotations.Nullable;

/**
 * An end that can take back what it has sent to an upstream, until the answer begins. The head is
 * kept; a body is kept only for a request that changes nothing, and only as far as it is short and
 * in few pieces. Its credit is given when it is kept no more, so that its memory is counted all the
 * time.
 *
 * <p>The ends of clients never remember anything.
 */
abstract class ResendableEnd extends StreamEnd {
  /** How long a body may be that is kept: well below what any client may send without credit. */
  static final int MOST_HELD = 32 << 10;

  private @Nullable Http2Headers sentHead;
  private @Nullable ByteBuf held;
  private boolean heldIsCopied;
  private @Nullable StreamEnd heldFor;
  private @Nullable Slot slot;

  ResendableEnd(LoopContext loop) {
    super(loop);
  }

  /** It takes this of a bound; null for nothing. */
  final void occupy(@Nullable Slot slot) {
    this.slot = slot;
  }

  final void slotAnswered(boolean isBad) {
    Slot taken = slot;
    if (taken != null) {
      taken.answered(isBad);
    }
  }

  final void freeSlot() {
    Slot taken = slot;
    if (taken != null) {
      slot = null;
      taken.ended();
    }
  }

  /** This head is sent; it must not be changed any more. */
  final void remember(Http2Headers head) {
    sentHead = head;
  }

  /** Whether what was sent is still known. */
  final boolean remembers() {
    return sentHead != null;
  }

  /**
   * Body bytes are sent next.
   *
   * @return whether they are kept: then the credit for them is given later, and not by the write
   */
  final boolean hold(ByteBuf bytes) {
    int n = bytes.readableBytes();
    if (sentHead == null || n == 0) {
      return false;
    }
    StreamEnd client = peer;
    if (client == null || !isKept(client, n)) {
      forget();
      return false;
    }
    if (held == null) {
      held = bytes.retainedDuplicate();
      heldIsCopied = false;
    } else {
      held = joined(held, bytes);
    }
    heldFor = client;
    keep(client, n);
    return true;
  }

  /** Copied from the second piece on: single bytes would be as many buffers, each in the next. */
  private ByteBuf joined(ByteBuf before, ByteBuf more) {
    int n = before.readableBytes() + more.readableBytes();
    ByteBuf all = before;
    if (!heldIsCopied) {
      heldIsCopied = true;
      all = more.alloc().buffer(n, MOST_HELD).writeBytes(before);
      before.release();
    }
    return all.writeBytes(more, more.readerIndex(), more.readableBytes());
  }

  private boolean isKept(StreamEnd client, int more) {
    Exchange x = client.exchange();
    int before = held == null ? 0 : held.readableBytes();
    return x != null
        && x.isRepeatable()
        && before + more <= MOST_HELD
        && client.unwrittenPieces() <= MANY_PIECES;
  }

  /** It will not be sent again. */
  final void forget() {
    sentHead = null;
    ByteBuf body = held;
    StreamEnd client = heldFor;
    held = null;
    heldFor = null;
    if (body != null && client != null) {
      drop(body, client);
    }
  }

  private static void drop(ByteBuf body, StreamEnd client) {
    int n = body.readableBytes();
    body.release();
    settle(client, n);
  }

  /** Bytes that were taken back are not written after all. */
  static void lose(ByteBuf body, StreamEnd client) {
    keep(client, body.readableBytes());
    drop(body, client);
  }

  /**
   * Sends the request again, elsewhere, if that is possible and wanted.
   *
   * @param client the client's end, linked or not
   * @return whether it was; then this end has no other end any more
   */
  final boolean resend(StreamEnd client, Attempts attempts, Attempts.Failure why) {
    Http2Headers head = sentHead;
    if (head == null || !attempts.mayResend(client, why)) {
      return false;
    }
    SentRequest request = new SentRequest(head, outEnd, held);
    if (held != null) {
      takeBack(client, held.readableBytes());
    }
    sentHead = null;
    held = null;
    heldFor = null;
    unlink();
    attempts.resend(client, request);
    return true;
  }
}
