package io.scopegate.gateway.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.exchange.ConnectionContext;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.RecordingEnd;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import io.scopegate.gateway.exchange.TestContexts;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.gateway.telemetry.UpstreamEndpointState;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** An upstream over HTTP/1.1 whose endpoints come and go when a test says so. */
abstract class EndpointSetFixture {
  static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
  static final String ILL = "HTTP/1.1 503 Ill\r\ncontent-length: 0\r\n\r\n";

  final EmbeddedChannel main = new EmbeddedChannel();
  final LoopContext loop = new LoopContext(main.eventLoop(), new Budget(1 << 20, 1000));
  final Telemetry telemetry = new Telemetry(null, 10, "test");
  final ConnectionContext context = TestContexts.http2(telemetry);
  final Map<String, FakeConnector> connectors = new LinkedHashMap<>();
  final Map<String, FakeConnector> questions = new LinkedHashMap<>();
  final Map<String, FakeConnector> http2Connectors = new LinkedHashMap<>();
  final List<RecordingEnd> clients = new ArrayList<>();
  final Source source = new Source();
  final UpstreamConfig config =
      UpstreamConfig.of(new UpstreamUrl(false, "tempo", 3200), UpstreamConfig.Protocol.HTTP1);
  long nowNanos = 1;
  EndpointSet set = set(config);

  final EndpointSet set(UpstreamConfig config) {
    return new EndpointSet(
        new EndpointSet.Parts(
            config,
            loop,
            source,
            this::connector,
            new UpstreamEndpoint.Sizes(10, 2, 100, 1),
            false,
            telemetry.upstream("up"),
            null,
            () -> nowNanos,
            new SplittableRandom(7)));
  }

  /** Answers when it is told to. */
  static final class Source implements EndpointSource {
    @Nullable List<EndpointAddress> known;
    boolean tellsOfChanges;
    @Nullable Runnable changed;
    @Nullable Consumer<List<EndpointAddress>> found;
    @Nullable Consumer<Throwable> failed;
    @Nullable Consumer<Throwable> none;
    int asked;

    @Override
    public @Nullable List<EndpointAddress> known() {
      return known;
    }

    @Override
    public boolean tellsOfChanges() {
      return tellsOfChanges;
    }

    @Override
    public void listen(Runnable changed) {
      this.changed = changed;
      changed.run();
    }

    @Override
    public void lookUp(Answer answer) {
      asked++;
      found = answer::found;
      failed = answer::failed;
      none = answer::none;
    }
  }

  final Connector connector(@Nullable EndpointAddress address, boolean http2) {
    if (address == null) {
      return new LookUpConnector("up", config, loop, () -> nowNanos, set().lookUps()::lookUpFor);
    }
    FakeConnector one = new FakeConnector(loop);
    if (http2) {
      http2Connectors.putIfAbsent(address.text(), one);
    } else if (connectors.putIfAbsent(address.text(), one) != null) {
      questions.put(address.text(), one);
    }
    return one;
  }

  final EndpointSet set() {
    return set;
  }

  static List<EndpointAddress> addresses(String... names) {
    List<EndpointAddress> all = new ArrayList<>();
    for (String name : names) {
      all.add(new EndpointAddress(name, InetSocketAddress.createUnresolved(name, 1), false));
    }
    return all;
  }

  final void start(String... names) {
    source.known = addresses(names);
    set.start();
  }

  @AfterEach
  void close() {
    for (RecordingEnd client : clients) {
      StreamEnd upstream = client.peer();
      if (upstream != null) {
        upstream.reset(StreamEnd.CANCEL);
      }
    }
    questions
        .values()
        .forEach(c -> List.copyOf(c.attempts).forEach(a -> a.channel().finishAndReleaseAll()));
    connectors
        .values()
        .forEach(c -> List.copyOf(c.attempts).forEach(a -> a.channel().finishAndReleaseAll()));
    main.close();
    telemetry.close();
  }

  final RecordingEnd ask(String method) {
    return ask(method, null);
  }

  /** As {@link #ask(String)}, for a tenant. */
  final RecordingEnd ask(String method, @Nullable TenantMemoryShare tenant) {
    RecordingEnd client = new RecordingEnd(loop);
    clients.add(client);
    Exchange x = new Exchange(client, context);
    x.record.asked("1", method, "/x");
    link(
        client,
        method.equals("GET")
            ? set.openHedged(false, tenant, Affinity.NO_KEY)
            : set.open(false, tenant));
    return client;
  }

  final void link(RecordingEnd client, StreamEnd upstream) {
    client.link(upstream);
    String method = client.exchange().record.method().toString();
    upstream.head(new DefaultHttp2Headers().method(method).path("/x").authority("t"), true);
    main.runPendingTasks();
  }

  final FakeConnector at(String name) {
    return java.util.Objects.requireNonNull(connectors.get(name), name);
  }

  final FakeConnector.Attempt lastAttempt(String name) {
    List<FakeConnector.Attempt> all = at(name).attempts;
    return all.get(all.size() - 1);
  }

  final int attempts(String name) {
    return at(name).attempts.size();
  }

  final void answer(EmbeddedChannel channel, String text) {
    for (ByteBuf out; (out = channel.readOutbound()) != null; ) {
      out.release();
    }
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    main.runPendingTasks();
  }

  /** Lets time pass, without holding up the event loop. */
  final void pass(long millis) {
    for (long left = millis; left > 0; left -= 100) {
      jump(Math.min(left, 100));
    }
  }

  /** Lets time pass in which the event loop gets no processor. */
  final void jump(long millis) {
    nowNanos += millis * 1_000_000;
    connectors.values().forEach(c -> c.nanoTime = nowNanos);
    http2Connectors.values().forEach(c -> c.nanoTime = nowNanos);
    main.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    main.runScheduledPendingTasks();
    main.runPendingTasks();
  }

  static boolean is(RecordingEnd client, String status) {
    return client.calls.stream().anyMatch(call -> call.startsWith("head " + status));
  }

  final UpstreamEndpointState state(String name) {
    return telemetry.upstream("up").endpoints().stream()
        .filter(each -> each.endpoint().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** The name of the endpoint that was chosen for a first request. */
  final String chosen() {
    return connectors.entrySet().stream()
        .filter(each -> !each.getValue().attempts.isEmpty())
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  /**
   * A request that has reached an endpoint, which says nothing so far.
   *
   * @param at the endpoint's name
   * @param channel the connection there
   */
  record Unanswered(RecordingEnd client, String at, EmbeddedChannel channel) {}

  /** Asks where nobody has asked before, and connects. */
  final Unanswered askWithoutAnswer(String method) {
    RecordingEnd client = ask(method);
    String at = chosen();
    return new Unanswered(client, at, connect(at));
  }

  /** The latest attempt to connect to an endpoint succeeds. */
  final EmbeddedChannel connect(String name) {
    EmbeddedChannel channel = lastAttempt(name).succeed();
    main.runPendingTasks();
    return channel;
  }

  static String other(String name) {
    return name.equals("a") ? "b" : "a";
  }

  final void connectAll() {
    connectors.keySet().forEach(name -> fresh(name).forEach(FakeConnector.Attempt::succeed));
    main.runPendingTasks();
  }

  /** Those that have neither succeeded nor failed. */
  final List<FakeConnector.Attempt> fresh(String name) {
    return at(name).attempts.stream()
        .filter(a -> a.channel().isOpen() && a.channel().pipeline().names().size() <= 1)
        .toList();
  }

  final void refuse(String name) {
    fresh(name)
        .forEach(attempt -> {
          attempt.channel().close();
          attempt.fail();
        });
    main.runPendingTasks();
  }

  final void answerAll(String name, String text) {
    for (FakeConnector.Attempt attempt : List.copyOf(at(name).attempts)) {
      if (attempt.channel().isOpen() && attempt.channel().outboundMessages().size() > 0) {
        answer(attempt.channel(), text);
      }
    }
  }

  final double counted(String name) {
    return new String(telemetry.scrape(), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }
}
