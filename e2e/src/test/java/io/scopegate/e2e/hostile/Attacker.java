package io.scopegate.e2e.hostile;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.scopegate.e2e.wire.Wires.Security;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One of an attack's connections, again and again. All but connecting is on its event loop. */
final class Attacker {
  /** Messages are put together to this size; larger ones go alone. */
  private static final int BATCH = 16 * 1024;

  /** How much one connection sends before others have their turn. */
  private static final int TURN = 256 * 1024;

  /** So small that unread answers stay with the gateway. */
  private static final int UNREAD_BUFFER = 4 * 1024;

  private final Assault assault;
  private final Door door;
  private final Attack attack;
  private final Attack.Scene scene;
  private volatile @Nullable Channel channel;

  Attacker(Assault assault, Door door, int number) {
    this.assault = assault;
    this.door = door;
    this.attack = assault.attack();
    this.scene = new Attack.Scene(assault.target(), door.firstStream(), number);
  }

  void connect() {
    if (assault.isEnded()) {
      return;
    }
    assault
        .wires()
        .connect(
            assault.target().port(door.listener(attack.listener())),
            door.security(),
            attack.reads() ? 0 : UNREAD_BUFFER,
            new Sending());
  }

  void connectAfter(long delay, TimeUnit unit) {
    Channel before = channel;
    if (before != null) {
      before.eventLoop().schedule(this::connect, delay, unit);
    }
  }

  void close() {
    Channel open = channel;
    if (open != null) {
      open.close();
    }
  }

  /** Sends the messages in turn as far as the socket takes them. */
  private final class Sending extends ChannelInboundHandlerAdapter {
    private final StringBuilder upgrade = new StringBuilder();
    private boolean begun;
    private boolean waiting;
    private int next;

    @Override
    public void channelActive(ChannelHandlerContext context) {
      channel = context.channel();
      assault.opened(Attacker.this);
      if (door.security() == Security.CLEAR) {
        open(context);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
        open(context);
      }
    }

    private void open(ChannelHandlerContext context) {
      context.writeAndFlush(Unpooled.wrappedBuffer(door.opening(attack.settings())));
      if (!door.isUpgrade()) {
        begin(context);
      }
    }

    private void begin(ChannelHandlerContext context) {
      begun = true;
      if (door.isUpgrade()) {
        context.write(Unpooled.wrappedBuffer(door.afterUpgrade(attack.settings())));
      }
      if (!attack.reads()) {
        context.channel().config().setAutoRead(false);
      }
      send(context);
    }

    private void send(ChannelHandlerContext context) {
      int left = TURN;
      while (goesOn(context)) {
        if (left <= 0) {
          later(context, 0);
          return;
        }
        ByteBuf batch = Unpooled.buffer(BATCH);
        int first = next;
        do {
          batch.writeBytes(attack.message(scene, next++));
        } while (attack.pause().isZero()
            && next < attack.messages()
            && batch.readableBytes() < BATCH);
        assault.sent(door, next - first, batch.readableBytes());
        left -= batch.readableBytes();
        context.writeAndFlush(batch);
        if (!attack.pause().isZero()) {
          later(context, attack.pause().toNanos());
        }
      }
    }

    private boolean goesOn(ChannelHandlerContext context) {
      return begun
          && !waiting
          && next < attack.messages()
          && context.channel().isWritable()
          && !assault.isEnded();
    }

    private void later(ChannelHandlerContext context, long nanos) {
      waiting = true;
      context
          .executor()
          .schedule(
              () -> {
                waiting = false;
                send(context);
              },
              nanos,
              TimeUnit.NANOSECONDS);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      send(context);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (!begun && message instanceof ByteBuf bytes) {
        upgrade.append(bytes.toString(StandardCharsets.ISO_8859_1));
        if (upgrade.indexOf("\r\n\r\n") >= 0) {
          begin(context);
        }
      }
      ReferenceCountUtil.release(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      assault.closed(Attacker.this);
    }

    /** Being thrown out is no surprise. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
