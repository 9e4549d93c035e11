package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.scopegate.gateway.exchange.RecordingEnd;
import io.scopegate.gateway.telemetry.UpstreamEndpointState;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which endpoints an upstream has: known, looked up, told; by priority and weight. */
final class EndpointSetTest extends EndpointSetFixture {
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
    RecordingEnd client = ask("POST");
    nothingIsFound();
    assertThat(is(client, "503")).isTrue();
  }

  private void nothingIsFound() {
    source.failed.accept(new IOException("no such name"));
    main.runPendingTasks();
  }

  @Test
  void whoComesAfterALookUpInVainWaitsForTheNextOneAndNotLonger() {
    set.start();
    for (int i = 0; i < 10; i++) {
      ask("POST");
      nothingIsFound();
      pass(200);
    }
    nothingIsFound();
    int before = source.asked;
    RecordingEnd client = ask("POST");
    pass(100);
    assertThat(source.asked).isEqualTo(before + 1);
    source.found.accept(addresses("a"));
    answer(lastAttempt("a").succeed(), OK);
    assertThat(is(client, "200")).isTrue();
  }

  @Test
  void aReadWaitsForFurtherLookUpsWithinTheBudget() {
    set.start();
    RecordingEnd client = ask("GET");
    nothingIsFound();
    for (int i = 0; i < 10 && client.calls.isEmpty(); i++) {
      pass(100);
      nothingIsFound();
    }
    assertThat(is(client, "503")).isTrue();
    assertThat(source.asked).as("three look-ups").isEqualTo(3);
  }

  @Test
  void aNameThatIsNotThereIsLookedUpTenTimesASecondWhateverComes() {
    set.start();
    for (int i = 0; i < 100; i++) {
      for (int n = 0; n < 20; n++) {
        ask("GET");
      }
      pass(10);
      nothingIsFound();
    }
    assertThat(source.asked).as("for 2000 requests in a second").isBetween(5, 12);
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
    set.lookUps().tell(all -> told.add("found " + all.size()), why -> told.add(why.getMessage()));
    source.failed.accept(new IOException("no such name"));
    set.lookUps().tell(all -> told.add("found " + all.size()), why -> told.add(why.getMessage()));
    source.found.accept(addresses("a", "b"));
    set.lookUps().tell(all -> told.add("known " + all.size()), why -> told.add(why.getMessage()));
    source.failed.accept(new IOException("timeout"));
    assertThat(told).containsExactly("no such name", "found 2", "known 2");
    assertThat(source.asked).isEqualTo(3);

    set.retire();
    set.lookUps().tell(all -> told.add("found " + all.size()), why -> told.add(why.getMessage()));
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

    RecordingEnd refused = ask("POST");
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
}
