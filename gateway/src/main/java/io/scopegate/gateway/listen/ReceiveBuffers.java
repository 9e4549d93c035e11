package io.scopegate.gateway.listen;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import io.scopegate.gateway.exchange.ConnectionStanding;

/**
 * How much is read from a client's socket at once: as much as usually comes, but little from a
 * client that was not let in yet.
 */
final class ReceiveBuffers extends AdaptiveRecvByteBufAllocator {
  /** Two ordinary heads. */
  private static final int BEFORE_LET_IN = 4 << 10;

  private final ConnectionStanding standing;

  ReceiveBuffers(ConnectionStanding standing) {
    this.standing = standing;
  }

  @Override
  @SuppressWarnings("deprecation") // Netty's own class overrides the deprecated method
  public Handle newHandle() {
    return new Bounded((ExtendedHandle) super.newHandle());
  }

  private final class Bounded extends RecvByteBufAllocator.DelegatingHandle
      implements RecvByteBufAllocator.ExtendedHandle {
    private final ExtendedHandle usual;

    Bounded(ExtendedHandle usual) {
      super(usual);
      this.usual = usual;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      return allocator.ioBuffer(guess());
    }

    @Override
    public int guess() {
      int guess = usual.guess();
      return standing.isLetIn() ? guess : Math.min(guess, BEFORE_LET_IN);
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
      return usual.continueReading(maybeMoreData);
    }
  }
}
