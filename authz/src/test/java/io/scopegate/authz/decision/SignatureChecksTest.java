package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.HandClock;
import io.scopegate.authz.decision.KeySet.Finding;
import io.scopegate.testkit.Await;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SignatureChecksTest {
  private static final Signer KEY = Signer.ed("key");

  private final HandClock clock = new HandClock();
  private final SignatureChecks checks = new SignatureChecks(clock);
  private final List<String> order = new CopyOnWriteArrayList<>();
  private final CountDownLatch held = new CountDownLatch(1);
  private final Map<String, Jws> signed = new HashMap<>();

  @AfterEach
  void close() {
    held.countDown();
    checks.close();
  }

  /** Signed once for each: what is waited for here is the queue. */
  private Jws of(String subject) {
    return signed.computeIfAbsent(subject, SignatureChecksTest::sign);
  }

  private static Jws sign(String subject) {
    try {
      return Jws.parse(KEY.sign(new JsonObject().put("iss", "i").put("sub", subject)));
    } catch (TokenFlaw e) {
      throw new AssertionError(e);
    }
  }

  private Future<Finding> check(String client, String subject, Finding finding) {
    return checks.check(
        of(subject),
        client,
        () -> {
          order.add(client + "/" + subject);
          return finding;
        });
  }

  /** Keeps the thread busy, so that what comes now waits. */
  private void hold() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    checks.check(
        of("holder"),
        "holder",
        () -> {
          begun.countDown();
          try {
            held.await(20, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return Finding.UNDECIDED;
        });
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aFloodOfOneClientDelaysAnotherByOneVerification() throws InterruptedException {
    hold();
    for (int i = 0; i < 100; i++) {
      check("flood", "x", Finding.FORGED);
    }
    Future<Finding> good = check("good", "jane", Finding.SIGNED);
    held.countDown();
    assertThat(Await.result(good)).isEqualTo(Finding.SIGNED);
    assertThat(order.indexOf("good/jane")).isLessThanOrEqualTo(1);
  }

  @Test
  void whoHasSentForgedTokensHasOneTurnInFour() throws InterruptedException {
    Await.result(check("forger", "x", Finding.FORGED));
    hold();
    List<Future<Finding>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(check("forger", "x", Finding.FORGED));
    }
    for (int i = 0; i < 12; i++) {
      all.add(check("good" + i, "jane", Finding.SIGNED));
    }
    order.clear();
    held.countDown();
    Await.result(Future.all(all));
    assertThat(order.subList(0, 16).stream().filter(one -> one.startsWith("forger")).count())
        .isLessThanOrEqualTo(4);
  }

  @Test
  void forgersLoseTheirPlacesFirst() throws InterruptedException {
    for (int i = 0; i < 4; i++) {
      Await.result(check("forger" + i, "x", Finding.FORGED));
    }
    hold();
    List<Future<Finding>> forged = new ArrayList<>();
    for (int i = 0; i < SignatureChecks.MAX_WAITING; i++) {
      forged.add(check("forger" + i % 4, "x", Finding.FORGED));
    }
    List<Future<Finding>> good = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      good.add(check("good" + i, "jane", Finding.SIGNED));
    }
    assertThat(checks.waiting()).isEqualTo(SignatureChecks.MAX_WAITING);
    assertThat(forged.stream().filter(f -> f.isComplete() && f.result() == Finding.BUSY).count())
        .isEqualTo(200);
    held.countDown();
    Await.result(Future.all(good));
    assertThat(good).allMatch(f -> f.result() == Finding.SIGNED);
  }

  @Test
  void oneClientHasNoMoreThanItsShareOfThePlaces() throws InterruptedException {
    hold();
    int busy = 0;
    for (int i = 0; i < 2 * SignatureChecks.MAX_OF_ONE; i++) {
      busy += check("one", "x", Finding.SIGNED).isComplete() ? 1 : 0;
    }
    assertThat(busy).isEqualTo(SignatureChecks.MAX_OF_ONE);
    assertThat(check("two", "x", Finding.SIGNED).isComplete()).isFalse();
  }

  @Test
  void aUserWhoWasVerifiedBeforeDoesNotWaitBehindItsNeighbours() throws InterruptedException {
    // All come through one proxy, so by one address.
    Await.result(check("proxy", "jane", Finding.SIGNED));
    order.clear();
    hold();
    for (int i = 0; i < SignatureChecks.MAX_OF_ONE; i++) {
      check("proxy", "x" + i, Finding.FORGED);
    }
    Future<Finding> rotated = check("proxy", "jane", Finding.SIGNED);
    held.countDown();
    assertThat(Await.result(rotated)).isEqualTo(Finding.SIGNED);
    assertThat(order.indexOf("proxy/jane")).isLessThanOrEqualTo(1);
  }

  @Test
  void aForgerIsForgottenAfterAWhile() throws InterruptedException {
    Await.result(check("client", "x", Finding.FORGED));
    clock.turn(Duration.ofSeconds(11));
    hold();
    for (int i = 0; i < 8; i++) {
      check("good" + i, "jane", Finding.SIGNED);
    }
    Future<Finding> again = check("client", "jane", Finding.SIGNED);
    order.clear();
    held.countDown();
    Await.result(again);
    assertThat(order).hasSizeGreaterThanOrEqualTo(9); // in its turn, behind the eight
  }

  @Test
  void aVerificationThatFailsDoesNotEndTheOthers() {
    Future<Finding> broken =
        checks.check(
            of("x"),
            "c",
            () -> {
              throw new IllegalStateException("told to fail");
            });
    assertThat(Await.result(broken)).isEqualTo(Finding.UNDECIDED);
    assertThat(Await.result(check("c", "x", Finding.SIGNED))).isEqualTo(Finding.SIGNED);
  }
}
