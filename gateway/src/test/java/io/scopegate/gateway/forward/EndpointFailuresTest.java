package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.RecordingEnd;
import io.scopegate.gateway.exchange.StreamEnd;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of requests when connections to endpoints, or requests there, fail. */
final class EndpointFailuresTest extends EndpointSetFixture {
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
  void whoWaitsIsRefusedWhenEachWasTriedInVain() {
    start("a", "b");
    RecordingEnd client = ask("POST");
    String first = chosen();
    lastAttempt(first).fail();
    lastAttempt(other(first)).fail();
    main.runPendingTasks();
    assertThat(is(client, "503")).isTrue();
  }

  @Test
  void aReadWaitsForFurtherAttemptsWithinTheBudget() {
    start("a", "b");
    RecordingEnd client = ask("GET");
    refuseAll();
    for (int i = 0; i < 10 && client.calls.isEmpty(); i++) {
      pass(100);
      refuseAll();
    }
    assertThat(is(client, "503")).isTrue();
    assertThat(attempts("a") + attempts("b")).as("three at each").isEqualTo(6);
  }

  private void refuseAll() {
    connectors.keySet().forEach(this::refuse);
  }

  /** All are dead for so long that the time to the next attempts is as long as it gets. */
  private void allAreDead(String... names) {
    start(names);
    for (int i = 0; i < 100; i++) {
      ask("POST");
      refuseAll();
      pass(100);
    }
    refuseAll();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST"})
  void whoComesAfterAnOutageIsServedAtOnce(String method) {
    allAreDead("a", "b", "c");
    RecordingEnd client = ask(method);
    pass(100);
    assertThat(client.calls).isEmpty();
    connectAll();
    List.of("a", "b", "c").forEach(name -> answerAll(name, OK));
    assertThat(is(client, "200")).isTrue();
  }

  @Test
  void theOnlyServerIsTriedForWhoComesAfterAnOutage() {
    allAreDead("a");
    RecordingEnd client = ask("POST");
    pass(100);
    answer(lastAttempt("a").succeed(), OK);
    assertThat(is(client, "200")).isTrue();
  }

  @Test
  void anOutageIsNoStampede() {
    allAreDead("a", "b", "c");
    int before = attempts("a") + attempts("b") + attempts("c");
    for (int i = 0; i < 100; i++) {
      for (int n = 0; n < 20; n++) {
        ask("GET");
      }
      pass(10);
      refuseAll();
    }
    int made = attempts("a") + attempts("b") + attempts("c") - before;
    assertThat(made).as("for 2000 requests in a second").isBetween(15, 33);
  }

  @Test
  void oneAttemptIsUnderWayAtATime() {
    allAreDead("a", "b");
    int before = attempts("a");
    int others = attempts("b");
    for (int i = 0; i < 50; i++) {
      ask("GET");
      pass(20);
    }
    assertThat(attempts("a") - before).isEqualTo(1);
    assertThat(attempts("b") - others).isEqualTo(1);
  }

  @Test
  void allAreTriedAsSoonAsOneIsBack() {
    allAreDead("a", "b", "c");
    for (int i = 0; i < 3; i++) {
      ask("POST");
      pass(100);
      connectAll();
      List.of("a", "b", "c").forEach(name -> answerAll(name, OK));
    }
    assertThat(state("a").usable() + state("b").usable() + state("c").usable()).isEqualTo(3);
  }

  @Test
  void whoWaitsForOneThatSaysNothingMovesWhenAnotherIsBack() {
    allAreDead("a", "b");
    List<RecordingEnd> waiting = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      waiting.add(ask("POST"));
    }
    pass(500);
    assertThat(fresh("a")).as("it says nothing").hasSize(1);
    for (int i = 0; i < 10; i++) {
      fresh("b").forEach(FakeConnector.Attempt::succeed);
      main.runPendingTasks();
      answerAll("b", OK);
    }
    assertThat(waiting).allMatch(client -> is(client, "200"));
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
    answer(lastAttempt(other(dead)).succeed(), OK);
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

  @Test
  void oneOfWhichOnlyHttp2FailedIsTriedThoughItHasOtherConnections() {
    start("a", "b");
    for (int i = 0; i < 20; i++) { // both have one
      ask("GET");
      connectAll();
      List.of("a", "b").forEach(name -> answerAll(name, OK));
    }
    RecordingEnd call = new RecordingEnd(loop);
    clients.add(call);
    new Exchange(call, context).record.asked("1", "POST", "/x");
    link(call, set.open(true, null));
    String ill = http2Connectors.get("a").attempts.isEmpty() ? "b" : "a";
    http2Connectors.get(ill).attempts.get(0).fail();
    main.runPendingTasks();
    assertThat(state(ill).usable()).isZero();

    int before = attempts(ill);
    pass(1_200);
    assertThat(attempts(ill)).as("by a new connection").isEqualTo(before + 1);
    lastAttempt(ill).succeed();
    assertThat(state(ill).usable()).isEqualTo(1);
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
      ask("POST");
      connectAll();
      answerAll("a", ILL);
      answerAll("b", ILL);
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
      connectAll();
    }
    answerAll("b", OK); // a does not
    pass(1_200);

    assertThat(state("a").leftOut()).isEqualTo(1);
    assertThat(state("a").usable()).isZero();
    connectAll();
    answerAll("b", OK);
    assertThat(waiting).filteredOn(client -> is(client, "200")).hasSizeGreaterThan(5);
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
    Unanswered asked = askWithoutAnswer("GET");
    String silent = asked.at();
    pass(700);
    questions.get(silent).attempts.get(0).succeed(); // it takes the connection, and says nothing
    main.runPendingTasks();
    pass(500);

    assertThat(state(silent).leftOut()).as("after the time of silence").isEqualTo(1);
    answer(lastAttempt(other(silent)).succeed(), OK);
    assertThat(is(asked.client(), "200")).isTrue();
  }

  @Test
  void aSilentServerThatTakesNoConnectionIsGone() {
    start("a", "b");
    Unanswered asked = askWithoutAnswer("GET");
    String silent = asked.at();
    pass(700);
    questions.get(silent).attempts.get(0).fail();
    main.runPendingTasks();

    assertThat(state(silent).leftOut()).isEqualTo(1);
    answer(lastAttempt(other(silent)).succeed(), OK);
    assertThat(is(asked.client(), "200")).isTrue();
  }

  @Test
  void aSilentServerIsAskedByTheGatewayBeforeItGetsRequestsAgain() {
    start("a", "b");
    String silent = askWithoutAnswer("GET").at();
    pass(700);
    questions.get(silent).attempts.get(0).succeed();
    pass(900);
    assertThat(state(silent).leftOut()).isEqualTo(1);
    answer(lastAttempt(other(silent)).succeed(), OK);
    int before = attempts(silent);

    pass(1_300);
    assertThat(questions.get(silent).attempts).as("its time is over").hasSize(2);
    EmbeddedChannel question = questions.get(silent).attempts.get(1).succeed();
    for (int i = 0; i < 20; i++) {
      ask("GET");
    }
    assertThat(attempts(silent)).as("no request goes there").isEqualTo(before);
    answer(question, "HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n");
    for (int i = 0; i < 20; i++) {
      ask("GET");
    }
    assertThat(attempts(silent)).isGreaterThan(before);
  }

  // ---- one falls ill while the other one is still left out, for longer each time

  private static final String NOT_FOUND = "HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n";

  /** One of the two was silent for so long that it is left out for eight seconds or more. */
  private String oneWasSilentForLong() {
    start("a", "b");
    Unanswered first = askWithoutAnswer("GET");
    for (int i = 0; i < 100; i++) { // ten seconds
      pass(100);
      refuseQuestions(first.at());
      fresh(other(first.at())).forEach(FakeConnector.Attempt::succeed);
      answerAll(other(first.at()), OK);
    }
    assertThat(is(first.client(), "200")).isTrue();
    return first.at();
  }

  private void refuseQuestions(String name) {
    FakeConnector asked = questions.get(name);
    if (asked != null) {
      asked.attempts.stream()
          .filter(each -> each.channel().isOpen())
          .forEach(each -> {
            each.channel().close();
            each.fail();
          });
      main.runPendingTasks();
    }
  }

  private RecordingEnd silenceAt(String name) {
    RecordingEnd client = ask("GET");
    pass(700);
    refuseQuestions(name);
    assertThat(state(name).leftOut()).isEqualTo(1);
    return client;
  }

  @Test
  void aSilentServerIsAskedAtOnceWhenTheOtherFallsSilentAndGetsItsReads() {
    String before = oneWasSilentForLong();
    int asked = questions.get(before).attempts.size();
    pass(2_000);
    assertThat(questions.get(before).attempts).as("its time is long").hasSize(asked);

    RecordingEnd client = silenceAt(other(before));
    assertThat(questions.get(before).attempts).hasSize(asked + 1);
    answer(questions.get(before).attempts.get(asked).succeed(), NOT_FOUND);
    pass(200);
    answer(lastAttempt(before).succeed(), OK);
    assertThat(is(client, "200")).isTrue();
  }

  @Test
  void aSilentServerIsAskedOnceASecondWhileItIsNeededAndSeldomWhenNobodyWaits() {
    String before = oneWasSilentForLong();
    RecordingEnd client = silenceAt(other(before));
    int asked = questions.get(before).attempts.size();
    for (int i = 0; i < 50; i++) {
      pass(100);
      refuseQuestions(before);
      refuseQuestions(other(before));
    }
    int meanwhile = questions.get(before).attempts.size();
    assertThat(meanwhile - asked).as("in 5 s").isBetween(4, 5);

    client.peer().reset(StreamEnd.CANCEL); // it gives up
    pass(1_000);
    int then = questions.get(before).attempts.size();
    pass(4_000);
    assertThat(questions.get(before).attempts).hasSizeBetween(then, then + 1);
  }

  @Test
  void aServerThatTookNoConnectionIsTriedAtOnceWhenTheOtherFallsSilent() {
    start("a", "b");
    ask("GET");
    String before = chosen();
    for (int i = 0; i < 100; i++) {
      refuse(before);
      pass(100);
    }
    answer(lastAttempt(other(before)).succeed(), OK);

    RecordingEnd client = silenceAt(other(before));
    connectAll(); // it takes them now
    pass(200);
    answerAll(before, OK);
    assertThat(is(client, "200")).isTrue();
  }

  @Test
  void aServerThatFailedIsTriedAtOnceWhenTheOtherLosesItsConnections() {
    start("a", "b");
    String before = "a";
    for (int i = 0; i < 1_000 && state(before).leftOut() < 5; i++) { // 1, 2, 4, 8 and 16 s
      ask("POST");
      connectAll();
      answerAll(before, ILL);
      answerAll(other(before), OK);
      pass(100);
    }
    pass(2_000);
    assertThat(state(before).usable()).isZero();

    RecordingEnd client = ask("GET");
    for (int i = 0; i < 2; i++) { // that one was kept is no failure yet
      connectAll();
      lastAttempt(other(before)).channel().close();
      main.runPendingTasks();
    }
    connectAll();
    answerAll(before, OK);
    assertThat(is(client, "200")).as("%s", client.calls).isTrue();
  }

  @Test
  void oneReadOfASlowServerIsLeftAloneAndTheServerIsSeldomAsked() {
    start("a", "b");
    Unanswered read = askWithoutAnswer("GET");
    String slow = read.at();
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
    answer(read.channel(), OK);
    assertThat(is(read.client(), "200")).isTrue();
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
}
