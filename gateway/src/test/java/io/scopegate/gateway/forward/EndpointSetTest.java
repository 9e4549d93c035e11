package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.scopegate.gateway.exchange.TestContexts;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.gateway.telemetry.UpstreamEndpointState;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An upstream over HTTP/1.1 whose endpoints come and go when a test says so. */
class EndpointSetTest {
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
  private static final String ILL = "HTTP/1.1 503 Ill\r\ncontent-length: 0\r\n\r\n";
  private static final long SECOND = 1_000_000_000L;

  private final EmbeddedChannel main = new EmbeddedChannel();
  private final LoopContext loop = new LoopContext(main.eventLoop(), new Budget(1 << 20, 1000));
  private final Telemetry telemetry = new Telemetry(null, 10, "test");
  private final ConnectionContext context = TestContexts.http2(telemetry);
  private final Map<String, FakeConnector> connectors = new LinkedHashMap<>();
  private final Map<String, FakeConnector> questions = new LinkedHashMap<>();
  private final List<RecordingEnd> clients = new ArrayList<>();
  private final Source source = new Source();
  private final UpstreamConfig config =
      UpstreamConfig.of(new UpstreamUrl(false, "tempo", 3200), UpstreamConfig.Protocol.HTTP1);
  private long nowNanos = 1;
  private EndpointSet set = set(config);

  private EndpointSet set(UpstreamConfig config) {
    return new EndpointSet(
        new EndpointSet.Parts(
            config,
            loop,
            source,
            this::connector,
            new UpstreamEndpoint.Sizes(10, 2, 100),
            false,
            telemetry.upstream("up"),
            null,
            () -> nowNanos,
            new SplittableRandom(7)));
  }

  /** Answers when it is told to. */
  private static final class Source implements EndpointSource {
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

  private Connector connector(@Nullable EndpointAddress address, boolean http2) {
    if (address == null) {
      return new LookUpConnector("up", config, loop, () -> nowNanos, set()::lookUpFor);
    }
    FakeConnector one = new FakeConnector(loop);
    if (!http2 && connectors.putIfAbsent(address.text(), one) != null) {
      questions.put(address.text(), one);
    }
    return one;
  }

  private EndpointSet set() {
    return set;
  }

  private static List<EndpointAddress> addresses(String... names) {
    List<EndpointAddress> all = new ArrayList<>();
    for (String name : names) {
      all.add(new EndpointAddress(name, InetSocketAddress.createUnresolved(name, 1), false));
    }
    return all;
  }

  private void start(String... names) {
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

  private RecordingEnd ask(String method) {
    RecordingEnd client = new RecordingEnd(loop);
    clients.add(client);
    Exchange x = new Exchange(client, context);
    x.record.asked("1", method, "/x");
    link(client, method.equals("GET") ? set.openHedged(false, null) : set.open(false, null));
    return client;
  }

  private void link(RecordingEnd client, StreamEnd upstream) {
    client.link(upstream);
    String method = client.exchange().record.method().toString();
    upstream.head(new DefaultHttp2Headers().method(method).path("/x").authority("t"), true);
    main.runPendingTasks();
  }

  private FakeConnector at(String name) {
    return java.util.Objects.requireNonNull(connectors.get(name), name);
  }

  private FakeConnector.Attempt lastAttempt(String name) {
    List<FakeConnector.Attempt> all = at(name).attempts;
    return all.get(all.size() - 1);
  }

  private int attempts(String name) {
    return at(name).attempts.size();
  }

  private void answer(EmbeddedChannel channel, String text) {
    for (ByteBuf out; (out = channel.readOutbound()) != null; ) {
      out.release();
    }
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    main.runPendingTasks();
  }

  /** Lets time pass, without holding up the event loop. */
  private void pass(long millis) {
    for (long left = millis; left > 0; left -= 100) {
      jump(Math.min(left, 100));
    }
  }

  /** Lets time pass in which the event loop gets no processor. */
  private void jump(long millis) {
    nowNanos += millis * 1_000_000;
    connectors.values().forEach(c -> c.nanoTime = nowNanos);
    main.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    main.runScheduledPendingTasks();
    main.runPendingTasks();
  }

  private static boolean is(RecordingEnd client, String status) {
    return client.calls.stream().anyMatch(call -> call.startsWith("head " + status));
  }

  private UpstreamEndpointState state(String name) {
    return telemetry.upstream("up").endpoints().stream()
        .filter(each -> each.endpoint().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** The name of the endpoint that was chosen for a first request. */
  private String chosen() {
    return connectors.entrySet().stream()
        .filter(each -> !each.getValue().attempts.isEmpty())
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  private static String other(String name) {
    return name.equals("a") ? "b" : "a";
  }

  // ---- one

  @Test
  void oneEndpointIsConnectedToAtOnce() {
    start("a");
    RecordingEnd client = ask("GET");
    answer(lastAttempt("a").succeed(), OK);
    assertThat(is(client, "200")).isTrue();
    assertThat(source.asked).isZero();
  }

  @Test
  void anAnswerOfTheOnlyOneIsPassedOnWhateverItIs() {
    start("a");
    RecordingEnd client = ask("GET");
    answer(lastAttempt("a").succeed(), ILL);
    assertThat(is(client, "503")).isTrue();
    assertThat(state("a").requests()).as("not counted").isZero();
  }

  // ---- looked up

  @Test
  void requestsWaitForTheLookUp() {
    set.start();
    RecordingEnd client = ask("GET");
    assertThat(source.asked).isEqualTo(1);
    source.found.accept(addresses("a"));
    answer(lastAttempt("a").succeed(), OK);
    assertThat(is(client, "200")).isTrue();
  }

  @Test
  void requestsAreRefusedWhenNothingIsFound() {
    set.start();
    RecordingEnd client = ask("GET");
    source.failed.accept(new IOException("no such name"));
    main.runPendingTasks();
    assertThat(is(client, "503")).isTrue();

    assertThat(is(ask("GET"), "503")).as("it backs off").isTrue();
  }

  @Test
  void namesAreLookedUpAgainWhileRequestsCome() {
    set.start();
    ask("GET");
    source.found.accept(addresses("a"));
    ask("GET");
    assertThat(source.asked).isEqualTo(1);
    pass(5_000);
    assertThat(source.asked).as("not without requests").isEqualTo(1);
    ask("GET");
    assertThat(source.asked).isEqualTo(2);
  }

  @Test
  void whatIsKnownStaysWhenALookUpFails() {
    set.start();
    ask("GET");
    source.found.accept(addresses("a"));
    EmbeddedChannel channel = lastAttempt("a").succeed();
    answer(channel, OK);
    pass(5_000);
    RecordingEnd client = ask("GET");
    source.failed.accept(new IOException("timeout"));
    answer(channel, OK);
    assertThat(is(client, "200")).isTrue();
  }

  @Test
  void anEndpointThatWasMissedTwiceLeavesAndItsConnectionsCloseAsTheyGetFree() {
    set.start();
    ask("GET");
    source.found.accept(addresses("a"));
    EmbeddedChannel old = lastAttempt("a").succeed();
    pass(5_000);
    ask("GET");
    source.found.accept(addresses("b"));
    assertThat(state("a").usable()).isEqualTo(1);
    pass(5_000);
    ask("GET");
    source.found.accept(addresses("b"));

    assertThat(telemetry.upstream("up").endpoints())
        .extracting(UpstreamEndpointState::endpoint)
        .containsExactly("b");
    assertThat(old.isOpen()).as("a request is under way").isTrue();
    answer(old, OK);
    assertThat(old.isOpen()).isFalse();
  }

  @Test
  void aNewEndpointGetsRequestsFromOldClients() {
    set.start();
    ask("GET");
    source.found.accept(addresses("a"));
    lastAttempt("a").succeed();
    pass(5_000);
    ask("GET");
    source.found.accept(addresses("a", "b"));
    pass(10_000);
    for (int i = 0; i < 20; i++) {
      ask("GET");
    }
    assertThat(attempts("b")).isPositive();
  }

  @Test
  void whoAsksForTheEndpointsHasThemLookedUp() {
    List<String> told = new ArrayList<>();
    set.start();
    set.tell(all -> told.add("found " + all.size()), why -> told.add(why.getMessage()));
    source.failed.accept(new IOException("no such name"));
    set.tell(all -> told.add("found " + all.size()), why -> told.add(why.getMessage()));
    source.found.accept(addresses("a", "b"));
    set.tell(all -> told.add("known " + all.size()), why -> told.add(why.getMessage()));
    source.failed.accept(new IOException("timeout"));
    assertThat(told).containsExactly("no such name", "found 2", "known 2");
    assertThat(source.asked).isEqualTo(3);

    set.retire();
    set.tell(all -> told.add("found " + all.size()), why -> told.add(why.getMessage()));
    assertThat(told.get(3)).isEqualTo("the upstream is not used any more");
  }

  // ---- told of changes

  private void startTold() {
    source.tellsOfChanges = true;
    set.start();
    main.runPendingTasks();
  }

  private void told(String... names) {
    source.changed.run();
    source.found.accept(addresses(names));
  }

  private List<String> known() {
    return telemetry.upstream("up").endpoints().stream()
        .map(UpstreamEndpointState::endpoint)
        .toList();
  }

  @Test
  void aSourceThatTellsIsAskedAtOnceAndThenWhenItTells() {
    startTold();
    assertThat(source.asked).isEqualTo(1);
    source.found.accept(addresses("a"));
    ask("GET");
    pass(60_000);
    ask("GET");
    assertThat(source.asked).isEqualTo(1);
    source.changed.run();
    assertThat(source.asked).isEqualTo(2);
  }

  @Test
  void whatIsNotToldAnyMoreLeavesAtOnce() {
    startTold();
    source.found.accept(addresses("a"));
    told("b");
    assertThat(known()).containsExactly("b");
    answer(askAndConnect("b"), OK);
  }

  private EmbeddedChannel askAndConnect(String name) {
    ask("GET");
    return lastAttempt(name).succeed();
  }

  @Test
  void whenAllAreGoneRequestsAreRefusedUntilThereIsOneAgain() {
    startTold();
    source.found.accept(addresses("a", "b"));
    source.changed.run();
    source.none.accept(new IOException("none of its 2 servers is ready"));
    assertThat(known()).isEmpty();

    RecordingEnd refused = ask("GET");
    source.none.accept(new IOException("none of its 2 servers is ready"));
    main.runPendingTasks();
    assertThat(is(refused, "503")).isTrue();
    assertThat(attempts("a") + attempts("b")).as("those are gone").isZero();

    told("c");
    RecordingEnd client = ask("GET");
    answer(lastAttempt("c").succeed(), OK);
    assertThat(is(client, "200")).isTrue();
  }

  @Test
  void whatIsUnderWayEndsWhereItIsWhenAllAreGone() {
    startTold();
    source.found.accept(addresses("a"));
    RecordingEnd client = ask("GET");
    EmbeddedChannel channel = lastAttempt("a").succeed();
    source.changed.run();
    source.none.accept(new IOException("it has no servers"));
    answer(channel, OK);
    assertThat(is(client, "200")).isTrue();
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void whatIsKnownStaysWhenNobodyCanBeAsked() {
    startTold();
    source.found.accept(addresses("a"));
    source.changed.run();
    source.failed.accept(new IOException("403"));
    assertThat(known()).containsExactly("a");
  }

  @Test
  void nearOnesAreUsedAsLongAsOneIsWell() {
    startTold();
    source.found.accept(near("a", true, "b", false));
    for (int i = 0; i < 4; i++) {
      ask("GET");
    }
    assertThat(attempts("b")).isZero();
    int before = attempts("a");
    source.changed.run();
    source.found.accept(near("a", false, "b", true));
    for (int i = 0; i < 4; i++) {
      ask("GET");
    }
    assertThat(attempts("a")).as("it is the same one, and far now").isEqualTo(before);
    assertThat(attempts("b")).isPositive();
    lastAttempt("b").fail();
    assertThat(state("b").usable()).isZero();
    lastAttempt("a").succeed();
    ask("GET");
    assertThat(attempts("a")).isGreaterThan(before);
  }

  private static List<EndpointAddress> near(
      String one, boolean isNear, String other, boolean otherIsNear) {
    return List.of(
        new EndpointAddress(one, InetSocketAddress.createUnresolved(one, 1), isNear),
        new EndpointAddress(other, InetSocketAddress.createUnresolved(other, 1), otherIsNear));
  }

  // ---- priorities and weights

  private static EndpointAddress ranked(String name, int priority, int weight) {
    return new EndpointAddress(
        name, InetSocketAddress.createUnresolved(name, 1), false, priority, weight);
  }

  @Test
  void theNextPriorityIsUsedWhenTooFewOfTheFirstAreWell() {
    source.known = List.of(ranked("a", 10, 1), ranked("b", 10, 1), ranked("c", 20, 1));
    set.start();
    for (int i = 0; i < 6; i++) {
      ask("GET");
    }
    assertThat(attempts("c")).isZero();
    lastAttempt("a").fail();
    ask("GET");
    assertThat(attempts("c")).as("half of the first are well").isZero();
    lastAttempt("b").fail();
    assertThat(attempts("c")).as("who waits moves there").isPositive();
    EmbeddedChannel spare = lastAttempt("c").succeed();
    answer(spare, OK);
    pass(1_100);
    lastAttempt("a").succeed();
    int before = attempts("c");
    ask("GET");
    assertThat(attempts("c")).as("the first are back").isEqualTo(before);
  }

  @Test
  void weightsAreShares() {
    source.known = List.of(ranked("a", 0, 1), ranked("b", 0, 9));
    set.start();
    for (int i = 0; i < 10; i++) {
      ask("GET"); // none is answered, so what counts is load by weight
    }
    assertThat(attempts("a")).isBetween(1, 2);
    assertThat(attempts("b")).isBetween(8, 9);
  }

  // ---- connections that fail

  @Test
  void whoWaitsForADeadAddressGetsTheNextOne() {
    start("a", "b");
    RecordingEnd client = ask("POST");
    String dead = chosen();
    lastAttempt(dead).fail();
    assertThat(client.calls).isEmpty();

    answer(lastAttempt(other(dead)).succeed(), OK);
    assertThat(is(client, "200")).isTrue();
    assertThat(state(dead).usable()).isZero();
  }

  @Test
  void whoWaitsIsRefusedWhenAllAreDead() {
    start("a", "b");
    RecordingEnd client = ask("GET");
    String first = chosen();
    lastAttempt(first).fail();
    lastAttempt(other(first)).fail();
    main.runPendingTasks();
    assertThat(is(client, "503")).isTrue();
  }

  @Test
  void anAddressThatSaysNothingIsNotWaitedFor() {
    start("a", "b");
    RecordingEnd client = ask("GET");
    String mute = chosen();
    pass(250);
    answer(lastAttempt(other(mute)).succeed(), OK);
    assertThat(is(client, "200")).isTrue();
    for (int i = 0; i < 10; i++) {
      ask("GET");
    }
    assertThat(attempts(mute)).as("no more until it is known").isEqualTo(1);
  }

  @Test
  void aDeadOneIsTriedByAConnectionOfOurOwn() {
    start("a", "b");
    ask("GET");
    String dead = chosen();
    lastAttempt(dead).fail();
    lastAttempt(other(dead)).succeed();
    pass(900);
    assertThat(attempts(dead)).isEqualTo(1);
    pass(200);
    assertThat(attempts(dead)).isEqualTo(2);
    lastAttempt(dead).fail();
    pass(1_900);
    assertThat(attempts(dead)).as("twice as long").isEqualTo(2);
    pass(200);
    assertThat(attempts(dead)).isEqualTo(3);

    lastAttempt(dead).succeed();
    assertThat(state(dead).usable()).isEqualTo(1);
  }

  // ---- requests that fail

  @Test
  void aReadGoesElsewhereWhenItsAnswerSaysTheServerIsIll() {
    start("a", "b");
    RecordingEnd client = ask("GET");
    String ill = chosen();
    answer(lastAttempt(ill).succeed(), ILL);
    assertThat(client.calls).isEmpty();
    answer(lastAttempt(other(ill)).succeed(), OK);
    assertThat(is(client, "200")).isTrue();
    assertThat(state(ill).failures()).isEqualTo(1);
  }

  @Test
  void aWriteDoesNot() {
    start("a", "b");
    RecordingEnd client = ask("POST");
    answer(lastAttempt(chosen()).succeed(), ILL);
    assertThat(is(client, "503")).isTrue();
  }

  @Test
  void aReadIsSentThreeTimesAtMost() {
    start("a", "b");
    RecordingEnd client = ask("GET");
    String first = chosen();
    EmbeddedChannel one = lastAttempt(first).succeed();
    answer(one, ILL);
    EmbeddedChannel two = lastAttempt(other(first)).succeed();
    answer(two, ILL);
    answer(one, ILL);
    assertThat(is(client, "503")).isTrue();
  }

  @Test
  void allAreUsedAgainWhenTooFewAreLeft() {
    start("a", "b");
    for (int i = 0; i < 40; i++) {
      RecordingEnd client = ask("POST");
      connectors
          .values()
          .forEach(c -> {
            for (FakeConnector.Attempt attempt : List.copyOf(c.attempts)) {
              if (attempt.channel().pipeline().names().size() <= 1) {
                attempt.succeed();
              }
              if (attempt.channel().isOpen() && client.calls.isEmpty()) {
                answer(attempt.channel(), client.peer() == null ? "" : ILL);
              }
            }
          });
    }
    assertThat(state("a").leftOut()).isPositive();
    assertThat(state("b").leftOut()).isPositive();
    int before = attempts("a") + attempts("b");
    RecordingEnd client = ask("POST");
    assertThat(client.peer()).as("it still goes somewhere").isNotNull();
    assertThat(attempts("a") + attempts("b")).isBetween(before, before + 1);
  }

  @Test
  void requestsToASilentOneGoElsewhere() {
    start("a", "b");
    List<RecordingEnd> waiting = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      waiting.add(ask("GET"));
      connectors
          .values()
          .forEach(c ->
              List.copyOf(c.attempts).stream()
                  .filter(a -> a.channel().pipeline().names().size() <= 1)
                  .forEach(FakeConnector.Attempt::succeed));
    }
    int before = attempts("b");
    at("b").attempts.forEach(a -> answer(a.channel(), OK)); // b answers, a does not
    pass(1_200);

    assertThat(state("a").leftOut()).isEqualTo(1);
    assertThat(state("a").usable()).isZero();
    at("b").attempts.stream()
        .skip(before)
        .filter(a -> a.channel().pipeline().names().size() <= 1)
        .forEach(FakeConnector.Attempt::succeed);
    at("b").attempts.stream()
        .filter(a -> a.channel().isOpen())
        .forEach(a -> answer(a.channel(), OK));
    assertThat(waiting).filteredOn(client -> is(client, "200")).hasSizeGreaterThan(5);
  }

  private void connectAll() {
    connectors
        .values()
        .forEach(c ->
            List.copyOf(c.attempts).stream()
                .filter(a -> a.channel().pipeline().names().size() <= 1)
                .forEach(FakeConnector.Attempt::succeed));
  }

  @Test
  void serversAreNotCalledSilentForATimeInWhichNobodyRead() {
    start("a", "b");
    for (int i = 0; i < 10; i++) {
      ask("GET");
      connectAll();
    }
    jump(3_000); // all answers are there, and none is read yet
    assertThat(state("a").leftOut() + state("b").leftOut()).isZero();

    pass(1_500);
    assertThat(state("a").leftOut()).as("now it is silent").isEqualTo(1);
  }

  @Test
  void aReadIsSentAgainToTheOneThatIsWellThoughTheOthersHaveToBeUsed() {
    start("a", "b", "c");
    for (int i = 0; i < 60; i++) { // so many let a part of them be sent again
      ask("POST");
      connectAll();
      List.of("a", "b", "c").forEach(name -> answerAll(name, OK));
    }
    for (int i = 0; i < 200 && state("a").leftOut() + state("b").leftOut() < 2; i++) {
      ask("POST");
      connectAll();
      answerAll("a", ILL);
      answerAll("b", ILL);
      answerAll("c", OK);
    }
    assertThat(state("c").usable()).isEqualTo(1);
    assertThat(state("a").usable() + state("b").usable()).isZero();

    for (int i = 0; i < 20; i++) { // one of three is too few, so all get some
      RecordingEnd client = ask("GET");
      connectAll();
      answerAll("a", ILL);
      answerAll("b", ILL);
      connectAll();
      answerAll("c", OK);
      assertThat(is(client, "200")).isTrue();
    }
    assertThat(state("a").failures() + state("b").failures()).isGreaterThan(10);
  }

  @Test
  void oneReadOfASilentServerIsNotLeftAloneWithIt() {
    start("a", "b");
    RecordingEnd client = ask("GET");
    String silent = chosen();
    lastAttempt(silent).succeed();
    main.runPendingTasks();
    pass(700);
    questions.get(silent).attempts.get(0).succeed(); // it takes the connection, and says nothing
    main.runPendingTasks();
    pass(1_000);

    assertThat(state(silent).leftOut()).isEqualTo(1);
    answer(lastAttempt(other(silent)).succeed(), OK);
    assertThat(is(client, "200")).isTrue();
  }

  @Test
  void oneReadOfASlowServerIsLeftAloneAndTheServerIsSeldomAsked() {
    start("a", "b");
    RecordingEnd client = ask("GET");
    String slow = chosen();
    EmbeddedChannel channel = lastAttempt(slow).succeed();
    main.runPendingTasks();
    int asked = 0;
    for (int i = 0; i < 300; i++) {
      pass(100);
      FakeConnector question = questions.get(slow);
      if (question != null && question.attempts.size() > asked) {
        asked = question.attempts.size();
        answer(
            question.attempts.get(asked - 1).succeed(),
            "HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n");
      }
    }
    assertThat(asked).as("in 30 s").isBetween(2, 6);
    assertThat(state(slow).leftOut()).isZero();
    answer(channel, OK);
    assertThat(is(client, "200")).isTrue();
  }

  @Test
  void whoIsSentToAServerThatIsGoneByThenWaitsForAnother() {
    start("a", "b", "c");
    for (int i = 0; i < 200 && state("a").leftOut() + state("b").leftOut() < 2; i++) {
      ask("POST");
      connectAll();
      answerAll("a", ILL);
      answerAll("b", ILL);
      answerAll("c", OK);
    }
    // a and b are left out, but used, since c alone is too few; then they are gone
    List.of("a", "b")
        .forEach(
            name -> List.copyOf(at(name).attempts).forEach(attempt -> attempt.channel().close()));
    main.runPendingTasks();
    for (int i = 0; i < 30; i++) {
      RecordingEnd client = ask("POST");
      for (int turn = 0; turn < 4; turn++) {
        refuse("a");
        refuse("b");
        fresh("c").forEach(FakeConnector.Attempt::succeed);
        main.runPendingTasks();
        answerAll("c", OK);
      }
      assertThat(is(client, "200")).as("%d: %s", i, client.calls).isTrue();
    }
  }

  /** Those that have neither succeeded nor failed. */
  private List<FakeConnector.Attempt> fresh(String name) {
    return at(name).attempts.stream()
        .filter(a -> a.channel().isOpen() && a.channel().pipeline().names().size() <= 1)
        .toList();
  }

  private void refuse(String name) {
    fresh(name)
        .forEach(attempt -> {
          attempt.channel().close();
          attempt.fail();
        });
    main.runPendingTasks();
  }

  private void answerAll(String name, String text) {
    for (FakeConnector.Attempt attempt : List.copyOf(at(name).attempts)) {
      if (attempt.channel().isOpen() && attempt.channel().outboundMessages().size() > 0) {
        answer(attempt.channel(), text);
      }
    }
  }

  @Test
  void aRetiredSetClosesWhatIsFree() {
    start("a", "b");
    ask("GET");
    String used = chosen();
    EmbeddedChannel channel = lastAttempt(used).succeed();
    answer(channel, OK);
    set.retire();
    assertThat(channel.isOpen()).isFalse();
    assertThat(telemetry.upstream("up").endpoints()).isEmpty();
  }

  // ---- hedging

  private void startHedging(String... names) {
    set =
        set(
            new UpstreamConfig(
                config.url(),
                config.endpoints(),
                null,
                null,
                null,
                null,
                config.host(),
                config.protocol(),
                config.tls(),
                config.timeouts(),
                config.connections(),
                config.lookupInterval(),
                config.health(),
                config.retries(),
                new HedgingConfig(Duration.ofMillis(300), 0),
                null));
    start(names);
  }

  private double counted(String name) {
    return new String(telemetry.scrape(), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  @Test
  void aSlowReadGoesToASecondOneAndTheFirstAnswerCounts() {
    startHedging("a", "b");
    RecordingEnd client = ask("GET");
    String slow = chosen();
    EmbeddedChannel first = lastAttempt(slow).succeed();
    main.runPendingTasks();
    pass(200);
    assertThat(attempts(other(slow))).as("it has time").isZero();
    pass(100);
    EmbeddedChannel second = lastAttempt(other(slow)).succeed();
    answer(second, OK);

    assertThat(is(client, "200")).isTrue();
    assertThat(first.isOpen()).as("the slow one is cancelled").isFalse();
    assertThat(counted("scopegate_upstream_hedges_total")).isEqualTo(1);
    assertThat(counted("scopegate_upstream_hedges_won_total")).isEqualTo(1);
    assertThat(client.calls).hasSize(1);
  }

  @Test
  void theSecondOneIsCancelledWhenTheFirstAnswersAfterAll() {
    startHedging("a", "b");
    RecordingEnd client = ask("GET");
    EmbeddedChannel first = lastAttempt(chosen()).succeed();
    main.runPendingTasks();
    String slow = chosen();
    pass(300);
    EmbeddedChannel second = lastAttempt(other(slow)).succeed();
    main.runPendingTasks();
    answer(first, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");

    assertThat(client.calls).containsExactly("head 200 false", "ok true");
    assertThat(second.isOpen()).isFalse();
    assertThat(first.isOpen()).isTrue();
    assertThat(counted("scopegate_upstream_hedges_won_total")).isZero();
  }

  @Test
  void aFailureOfOneIsNoAnswerWhileTheOtherIsAsked() {
    startHedging("a", "b");
    RecordingEnd client = ask("GET");
    String slow = chosen();
    EmbeddedChannel first = lastAttempt(slow).succeed();
    main.runPendingTasks();
    pass(300);
    EmbeddedChannel second = lastAttempt(other(slow)).succeed();
    main.runPendingTasks();
    answer(second, "HTTP/1.1 500 Ill\r\ncontent-length: 0\r\n\r\n");
    assertThat(client.calls).isEmpty();
    answer(first, OK);
    assertThat(is(client, "200")).isTrue();
  }

  @Test
  void aClientThatGoesCancelsBoth() {
    startHedging("a", "b");
    RecordingEnd client = ask("GET");
    String slow = chosen();
    EmbeddedChannel first = lastAttempt(slow).succeed();
    main.runPendingTasks();
    pass(300);
    EmbeddedChannel second = lastAttempt(other(slow)).succeed();
    main.runPendingTasks();
    client.peer().reset(StreamEnd.CANCEL);
    assertThat(first.isOpen()).isFalse();
    assertThat(second.isOpen()).isFalse();
  }

  @Test
  void aHedgedReadIsStillSentAgainWhenItFails() {
    startHedging("a", "b");
    RecordingEnd client = ask("GET");
    String ill = chosen();
    answer(lastAttempt(ill).succeed(), ILL);
    answer(lastAttempt(other(ill)).succeed(), OK);
    assertThat(is(client, "200")).isTrue();
    pass(1_000);
    assertThat(counted("scopegate_upstream_hedges_total")).isZero();
  }

  @Test
  void withOneEndpointNothingIsSentTwice() {
    startHedging("a");
    ask("GET");
    lastAttempt("a").succeed();
    pass(2_000);
    assertThat(counted("scopegate_upstream_hedges_total")).isZero();
  }

  @Test
  void hedgesStayWithinTheBudgetOfRetries() {
    startHedging("a", "b");
    for (int i = 0; i < 50; i++) {
      ask("GET");
      connectAll();
    }
    pass(400);
    assertThat(counted("scopegate_upstream_hedges_total")).isBetween(1.0, 3 + 0.2 * 50);
  }
}
