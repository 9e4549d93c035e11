package io.scopegate.gateway.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.access.ConnectionDecisionCache;
import io.scopegate.gateway.access.ConnectionIdentity;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.exchange.ClientInfo;
import io.scopegate.gateway.exchange.ConnectionContext;
import io.scopegate.gateway.exchange.ConnectionStanding;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.RequestHandler;
import io.scopegate.gateway.telemetry.RequestRecord;
import io.scopegate.gateway.telemetry.Telemetry;

/**
 * A connection survives whatever its client sends, or closes; when it is gone nothing of it is
 * left. Every request is refused. The first byte of the input says which protocol it is.
 */
public final class ServerConnectionFuzz {
  private static final Telemetry TELEMETRY = new Telemetry(null, 1, "fuzz");
  private static final ClientInfo CLIENT =
      new ClientInfo(
          "fuzz",
          "127.0.0.1:1",
          0x7f000001,
          AsciiString.cached("127.0.0.1"),
          false,
          ConnectionIdentity.NONE,
          new ConnectionStanding(() -> {}));
  private static final ConnectionContext HTTP1 = ConnectionContext.http1(CLIENT, TELEMETRY, 0);
  private static final ConnectionContext HTTP2 = ConnectionContext.http2(CLIENT, TELEMETRY, 0);
  private static final CodecSettings SETTINGS = new CodecSettings(32 << 10, 100, 0, 0, 0, 0, true);
  private static final Refusal NO = Refusal.of(Reason.NOT_FOUND, "fuzz: nothing is here");

  private ServerConnectionFuzz() {}

  /** One connection. */
  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length == 0) {
      return;
    }
    Budget budget = new Budget(1 << 20, 1_000);
    EmbeddedChannel channel = new EmbeddedChannel();
    LoopContext loop = new LoopContext(channel.eventLoop(), budget);
    try {
      if ((data[0] & 1) == 0) {
        Http1ServerConnection.addTo(channel.pipeline(), loop, new Refusing(), HTTP1, SETTINGS);
      } else {
        channel
            .pipeline()
            .addLast(Http2ServerConnection.create(loop, new Refusing(), HTTP2, SETTINGS));
        channel.writeInbound(Http2CodecUtil.connectionPrefaceBuf());
      }
      // in two pieces: the second may find a connection that is closed
      int half = 1 + (data.length - 1) / 2;
      send(channel, data, 1, half);
      send(channel, data, half, data.length);
    } finally {
      // as when the client is gone: close() of HTTP/2 would wait for its streams
      channel.unsafe().close(channel.newPromise());
      channel.runPendingTasks();
      channel.finishAndReleaseAll();
    }
    if (loop.exchanges() != 0 || loop.clients() != 0) {
      throw new AssertionError(loop.exchanges() + " exchanges are left");
    }
  }

  private static void send(EmbeddedChannel channel, byte[] data, int from, int to) {
    if (channel.isOpen()) {
      channel.writeInbound(Unpooled.copiedBuffer(data, from, to - from));
      channel.runPendingTasks();
    }
  }

  private static final class Refusing implements RequestHandler {
    @Override
    public void request(
        Exchange exchange, Http2Headers head, boolean end, ConnectionDecisionCache memo) {
      exchange.refuse(NO);
    }

    @Override
    public RequestRecord refuseAgain(
        Http2Headers head, ConnectionDecisionCache memo, ConnectionContext about) {
      return null;
    }

    @Override
    public void malformed(Exchange exchange, Refusal why) {
      exchange.refuse(why);
    }
  }
}
