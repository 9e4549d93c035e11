package io.scopegate.gateway.request;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.config.DataSize;
import io.scopegate.gateway.access.Access;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.access.ConnectionDecisionCache;
import io.scopegate.gateway.access.ConnectionIdentity;
import io.scopegate.gateway.access.Enforcement;
import io.scopegate.gateway.access.HeaderRules;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.exchange.ClientInfo;
import io.scopegate.gateway.exchange.ConnectionContext;
import io.scopegate.gateway.exchange.ConnectionStanding;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import io.scopegate.gateway.exchange.Timeouts;
import io.scopegate.gateway.forward.Destination;
import io.scopegate.gateway.forward.ForwardingConfig;
import io.scopegate.gateway.forward.RequestHeaders;
import io.scopegate.gateway.limit.LimitStore;
import io.scopegate.gateway.limit.Limiter;
import io.scopegate.gateway.limit.Limits;
import io.scopegate.gateway.limit.LimitsConfig;
import io.scopegate.gateway.limit.ListenerLimits;
import io.scopegate.gateway.limit.StoreConfig;
import io.scopegate.gateway.limit.TempoOverrides;
import io.scopegate.gateway.limit.TenantLimits;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.telemetry.Telemetry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline without sockets: its access, its upstream and its clients write down what they get.
 */
final class PipelineFixture implements AutoCloseable {
  static final AccessDecision ALLOWED =
      new AccessDecision(null, AsciiString.of("acme"), "acme", "grafana", Long.MAX_VALUE);

  /** Shared, as it takes long to make; no test looks at it. */
  private static final Telemetry TELEMETRY = new Telemetry(null, 10, "test");

  final StubAccess access = new StubAccess();
  final StubUpstream upstream;
  final Budget budget;
  final LoopContext loop;
  final RequestPipeline pipeline;
  final ConnectionDecisionCache memo = new ConnectionDecisionCache();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final LimitStore store;
  private final List<Exchange> exchanges = new ArrayList<>();

  PipelineFixture(RequestPlan plan, int routes, TenantLimits limits, ListenerLimits ceiling) {
    this(plan, routes, limits, ceiling, 100);
  }

  PipelineFixture(
      RequestPlan plan, int routes, TenantLimits limits, ListenerLimits ceiling, int requests) {
    budget = new Budget(1 << 20, requests);
    loop = new LoopContext(channel.eventLoop(), budget);
    upstream = new StubUpstream(loop);
    StoreConfig local = StoreConfig.local();
    store = LimitStore.open(local, TELEMETRY, System::nanoTime);
    Limiter limiter =
        new Limiter(budget, TELEMETRY, System::nanoTime, InstantSource.system(), store);
    limiter.reconfigure(
        Limits.of(
            new LimitsConfig(
                limits,
                Map.of(),
                null,
                Enforcement.DENY,
                LimitsConfig.UnmeasuredCodings.REFUSE,
                local),
            Map.of(),
            TempoOverrides.NONE));
    pipeline =
        new RequestPipeline(
            loop,
            plan,
            Collections.nCopies(routes, upstream),
            access,
            new RequestHeaders(
                new HeaderRules("X-Scope-OrgID", true, List.of()),
                new ForwardingConfig(
                    true,
                    null,
                    false,
                    Duration.ZERO,
                    Duration.ZERO,
                    DataSize.parse("1MiB"),
                    100,
                    0,
                    null)),
            TELEMETRY,
            limiter.admissions("in", ceiling, loop));
  }

  /** How a client is known that has come by this kind of connection. */
  static ClientInfo info(boolean tls) {
    return new ClientInfo(
        "in",
        "192.0.2.1:4711",
        0xc0000201L,
        AsciiString.of("192.0.2.1"),
        tls,
        ConnectionIdentity.NONE,
        new ConnectionStanding(() -> {}));
  }

  /** What the requests of such a connection share. */
  static ConnectionContext connection(boolean http2, boolean tls) {
    return http2
        ? ConnectionContext.http2(info(tls), TELEMETRY, 0)
        : ConnectionContext.http1(info(tls), TELEMETRY, 0);
  }

  /** A new request's exchange, and the end that its client has. */
  RecordingClient client(boolean http2, boolean tls) {
    RecordingClient client = new RecordingClient(loop);
    exchanges.add(new Exchange(client, connection(http2, tls)));
    return client;
  }

  /** Brings a request. */
  RecordingClient send(Http2Headers head, boolean end, boolean http2, boolean tls) {
    RecordingClient client = client(http2, tls);
    pipeline.request(client.own(), head, end, memo);
    return client;
  }

  /** Ends all requests and forgets what happened. */
  void endAll() {
    exchanges.forEach(x -> x.end(false));
    exchanges.clear();
    access.endpoints.clear();
    access.heads.clear();
    upstream.opened.clear();
  }

  @Override
  public void close() {
    endAll();
    store.close();
    channel.close();
  }

  /** Decides what it is told to. */
  static final class StubAccess implements Access {
    final List<Endpoint> endpoints = new ArrayList<>();
    final List<String> heads = new ArrayList<>();
    final List<Promise<AccessDecision>> asked = new ArrayList<>();
    @Nullable AccessDecision known = ALLOWED;
    @Nullable RuntimeException defect;

    @Override
    public @Nullable AccessDecision known(
        Endpoint endpoint, Http2Headers head, ConnectionDecisionCache memo) {
      if (defect != null) {
        throw defect;
      }
      endpoints.add(endpoint);
      heads.add(shown(head));
      return known;
    }

    @Override
    public Future<AccessDecision> ask(
        Endpoint endpoint, Http2Headers head, ConnectionDecisionCache memo) {
      Promise<AccessDecision> answer = Promise.promise();
      asked.add(answer);
      return answer.future();
    }

    /** What a head says of where it goes and for whom. */
    static String shown(Http2Headers head) {
      return "%s %s host %s tenant %s type %s"
          .formatted(
              head.method(),
              head.path(),
              head.authority(),
              head.get("x-scope-orgid"),
              head.get("content-type"));
    }
  }

  /** Takes everything. */
  static final class StubUpstream implements Destination {
    final List<RecordingUpstream> opened = new ArrayList<>();
    final List<@Nullable TenantMemoryShare> tenants = new ArrayList<>();
    UnaryOperator<RecordingUpstream> opening = end -> end;
    private final LoopContext loop;

    StubUpstream(LoopContext loop) {
      this.loop = loop;
    }

    @Override
    public String name() {
      return "up";
    }

    @Override
    public Timeouts timeouts() {
      return Timeouts.NONE;
    }

    @Override
    public AsciiString scheme() {
      return AsciiString.of("http");
    }

    @Override
    public void locate(Http2Headers head, boolean isGrpc) {
      if (!isGrpc) {
        head.path("/prefix" + head.path());
      }
    }

    @Override
    public StreamEnd open(boolean isGrpc, @Nullable TenantMemoryShare tenant) {
      RecordingUpstream end = opening.apply(new RecordingUpstream(loop));
      opened.add(end);
      tenants.add(tenant);
      return end;
    }
  }

  /** An upstream's end. */
  static class RecordingUpstream extends RecordingEnd {
    RecordingUpstream(LoopContext loop) {
      super(loop);
    }
  }

  /** A client's end. */
  static final class RecordingClient extends RecordingEnd {
    RecordingClient(LoopContext loop) {
      super(loop);
    }

    Exchange own() {
      return Objects.requireNonNull(exchange());
    }

    String status() {
      return head == null ? "none" : String.valueOf(head.status());
    }

    /** More of the body comes. */
    void more(byte[] bytes, boolean last) {
      inEnd = last;
      deliver(Objects.requireNonNull(peer), Unpooled.wrappedBuffer(bytes), last);
    }

    /** It hangs up. */
    void hangUp() {
      StreamEnd other = unlink();
      if (other != null) {
        other.reset(CANCEL);
      }
      own().end(true);
    }
  }

  /** Writes down what is written. */
  abstract static class RecordingEnd extends StreamEnd {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    @Nullable Http2Headers head;
    boolean ended;
    boolean reset;
    int proceeded;

    RecordingEnd(LoopContext loop) {
      super(loop);
    }

    String body() {
      return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void head(Http2Headers written, boolean end) {
      head = written;
      headSent = true;
      ended |= end;
      outEnd |= end;
    }

    @Override
    public void proceed() {
      proceeded++;
    }

    @Override
    public void data(ByteBuf data, boolean end) {
      byte[] copy = new byte[data.readableBytes()];
      data.readBytes(copy).release();
      bytes.writeBytes(copy);
      ended |= end;
      outEnd |= end;
    }

    @Override
    public void trailers(Http2Headers trailers) {
      ended = true;
      outEnd = true;
    }

    @Override
    public void reset(long code) {
      reset = true;
      unlink();
    }

    @Override
    protected void credit(int n) {}

    @Override
    public void abort() {
      reset(CANCEL);
    }
  }
}
