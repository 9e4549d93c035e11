package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.access.ConnectionDecisionCache;
import io.scopegate.gateway.access.ConnectionIdentity;
import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.exchange.ClientInfo;
import io.scopegate.gateway.exchange.ConnectionContext;
import io.scopegate.gateway.exchange.ConnectionStanding;
import io.scopegate.gateway.exchange.CreditOnWrite;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.RequestHandler;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.meter.BodyFormat;
import io.scopegate.gateway.route.Routed;
import io.scopegate.gateway.telemetry.RequestRecord;
import io.scopegate.gateway.telemetry.Telemetry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes requests as they come, gives each an upstream's end, and keeps what happens there. */
final class RecordingHandler implements RequestHandler, AutoCloseable {
  static final long SECOND = 1_000_000_000L;

  /** The budget of requests, and of answers that are not read. */
  static final int MAX_REQUESTS = 600;

  static final CodecSettings LIMITS =
      new CodecSettings(8 << 10, 300, 10 * SECOND, 30 * SECOND, 300 * SECOND, 0, true);

  static final ClientInfo CLIENT =
      new ClientInfo(
          "test",
          "192.0.2.1:5",
          0xc0000201L,
          AsciiString.of("192.0.2.1"),
          false,
          ConnectionIdentity.NONE,
          new ConnectionStanding(() -> {}));

  final LoopContext loop;
  final List<Upstream> requests = new ArrayList<>();
  final List<Refusal> malformed = new ArrayList<>();
  final Telemetry telemetry = new Telemetry(null, 10, "test");
  final ConnectionContext http1 =
      ConnectionContext.http1(CLIENT, telemetry, LIMITS.bodyTimeoutNanos());
  final ConnectionContext http2 =
      ConnectionContext.http2(CLIENT, telemetry, LIMITS.bodyTimeoutNanos());

  /** What is done with each request, besides linking it. */
  Consumer<Upstream> onRequest = u -> {};

  private final EmbeddedChannel elsewhere = new EmbeddedChannel(new ChannelInboundHandlerAdapter());

  /** For connections of this channel's event loop. */
  RecordingHandler(EmbeddedChannel channel) {
    loop = new LoopContext(channel.eventLoop(), new Budget(64 << 20, MAX_REQUESTS));
  }

  /** The connection is lost, whatever its handlers would still wait for. */
  static void lose(EmbeddedChannel channel) {
    channel.unsafe().close(channel.newPromise());
    channel.runPendingTasks();
  }

  /** Refuses each request at once. */
  RecordingHandler refuseAll() {
    onRequest = u -> u.exchange.refuse(refusal());
    return this;
  }

  static Refusal refusal() {
    return Refusal.of(Refusal.Reason.FORBIDDEN, "authorization: no");
  }

  /** The request that came last. */
  Upstream last() {
    return requests.get(requests.size() - 1);
  }

  @Override
  public void request(
      Exchange exchange, Http2Headers head, boolean end, ConnectionDecisionCache memo) {
    exchange.record.asked("id", String.valueOf(head.method()), "/");
    exchange.routed(
        new Routed(Dialect.PROBLEM, null, -1, null, BodyFormat.OTHER, null),
        trailers -> trailers.remove("authorization"));
    Upstream upstream = new Upstream(exchange, head, end);
    requests.add(upstream);
    upstream.link(exchange.client());
    onRequest.accept(upstream);
  }

  @Override
  public void malformed(Exchange exchange, Refusal why) {
    exchange.record.asked("id", "", "");
    malformed.add(why);
    exchange.refuse(why);
  }

  @Override
  public @Nullable RequestRecord refuseAgain(
      Http2Headers head, ConnectionDecisionCache memo, ConnectionContext about) {
    return null;
  }

  @Override
  public void close() {
    telemetry.close();
    elsewhere.finishAndReleaseAll();
  }

  /** An upstream's end that writes at once, unless it is told to keep what comes. */
  final class Upstream extends StreamEnd {
    final Exchange exchange;
    final Http2Headers head;
    final boolean end;
    final List<String> calls = new ArrayList<>();
    boolean stuck;
    private final List<CreditOnWrite> waiting = new ArrayList<>();

    private Upstream(Exchange exchange, Http2Headers head, boolean end) {
      super(RecordingHandler.this.loop);
      this.exchange = exchange;
      this.head = head;
      this.end = end;
    }

    void answer(String status, String body) {
      boolean none = body.isEmpty();
      peer().head(new DefaultHttp2Headers().status(status), none);
      if (!none) {
        answerMore(body, true);
      }
    }

    void answerHead(String status) {
      peer().head(new DefaultHttp2Headers().status(status), false);
    }

    void answerMore(String text, boolean last) {
      deliver(peer(), bytes(text), last);
    }

    void answerTrailers(String name, String value) {
      peer().trailers(new DefaultHttp2Headers().add(name, value));
    }

    /** The upstream is done with the request, or breaks it off. */
    void resetClient(long code) {
      StreamEnd client = unlink();
      if (client != null) {
        client.reset(code);
      }
    }

    /** Writes what was kept. */
    void unstick() {
      stuck = false;
      waiting.forEach(w -> w.setSuccess());
      waiting.clear();
    }

    @Override
    public void head(Http2Headers h, boolean last) {
      calls.add("head " + last);
    }

    @Override
    public void data(ByteBuf bytes, boolean last) {
      int n = bytes.readableBytes();
      calls.add((n > 20 ? n + " bytes" : bytes.toString(StandardCharsets.US_ASCII)) + " " + last);
      bytes.release();
      ChannelHandlerContext c = elsewhere.pipeline().firstContext();
      CreditOnWrite credit = new CreditOnWrite(c, this, peer(), n);
      if (stuck) {
        waiting.add(credit);
      } else {
        credit.setSuccess();
      }
    }

    @Override
    public void trailers(Http2Headers t) {
      calls.add("trailers " + t.names());
    }

    @Override
    public void reset(long code) {
      calls.add("reset " + code);
      unlink();
    }

    @Override
    public void abort() {
      calls.add("abort");
    }

    @Override
    protected void credit(int n) {}
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }
}
