package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.HandClock;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.TokenCheck;
import io.scopegate.authz.decision.KeySet.Finding;
import io.scopegate.testkit.Await;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class KeySetTest {
  private static final Signer OLD = Signer.rsa("old");
  private static final Signer NEW = Signer.rsa("new");
  private static final Signer FORGER = Signer.rsa("old");

  private final Vertx vertx = Vertx.vertx();
  private final HandClock clock = new HandClock();
  private final ScriptedKeys source = new ScriptedKeys(Signer.keys("i", OLD));
  private final AtomicInteger changes = new AtomicInteger();
  private final List<String> told = new ArrayList<>();
  private final ReviewObserver observer =
      new ReviewObserver() {
        @Override
        public void keys(String issuer, int count) {
          told.add(issuer + " " + count);
        }
      };
  private final KeySet keys = new KeySet(vertx, source, clock, observer, changes::incrementAndGet);

  @AfterEach
  void close() {
    keys.close();
    vertx.close();
  }

  private Jws token(Signer signer, Duration age) {
    long issued = clock.millis() / 1000 - age.toSeconds();
    try {
      return Jws.parse(signer.sign(new JsonObject().put("iss", "i").put("iat", issued)));
    } catch (TokenFlaw e) {
      throw new AssertionError(e);
    }
  }

  private Finding check(Jws jws) {
    return Await.result(keys.check(jws, "client"));
  }

  @Test
  void tellsWhoSigned() {
    keys.start();
    assertThat(keys.issuer()).isEqualTo("i");
    assertThat(check(token(OLD, Duration.ofMinutes(1)))).isEqualTo(Finding.SIGNED);
    assertThat(check(token(FORGER, Duration.ofMinutes(1)))).isEqualTo(Finding.FORGED);
    assertThat(source.reads).hasValue(1);
  }

  @Test
  void ellipticCurvesAreVerifiedAsWellAndNothingIsAfterTheEnd() {
    Signer curve = Signer.ec("curve");
    source.has(Signer.keys("i", curve));
    keys.start();
    assertThat(Await.result(keys.check(token(curve, Duration.ofMinutes(1)), "client")))
        .isEqualTo(Finding.SIGNED);
    assertThat(Await.result(keys.check(token(Signer.ec("curve"), Duration.ofMinutes(1)), "client")))
        .isEqualTo(Finding.FORGED);
    keys.close();
    assertThat(check(token(curve, Duration.ofMinutes(1)))).isEqualTo(Finding.BUSY);
  }

  @Test
  void aTokenThatIsOlderThanTheKeysByAnUnknownOneIsForged() {
    keys.start();
    clock.turn(Duration.ofMinutes(1));
    assertThat(check(token(NEW, Duration.ofMinutes(3)))).isEqualTo(Finding.FORGED);
    assertThat(source.reads).hasValue(1);
  }

  @Test
  void aNewKeyIsReadForAYoungTokenAndTheOldOneIsDropped() {
    keys.start();
    clock.turn(Duration.ofMinutes(1));
    source.has(Signer.keys("i", NEW));
    assertThat(check(token(NEW, Duration.ZERO))).isEqualTo(Finding.SIGNED);
    assertThat(source.reads).hasValue(2);
    assertThat(changes).hasValue(1);
    assertThat(check(token(OLD, Duration.ofMinutes(3)))).isEqualTo(Finding.FORGED);
  }

  @Test
  void unknownKeysHaveTheSetReadOnceInTenSeconds() {
    keys.start();
    clock.turn(Duration.ofMinutes(1));
    Jws forged = token(NEW, Duration.ZERO);
    for (int i = 0; i < 50; i++) {
      assertThat(check(forged)).isEqualTo(Finding.UNDECIDED);
    }
    assertThat(source.reads).hasValue(2);
    Jws youngThen = token(NEW, Duration.ZERO);
    clock.turn(Duration.ofSeconds(61)); // the issuer's clock may be a minute off
    keys.refresh();
    assertThat(check(youngThen)).isEqualTo(Finding.FORGED);
    assertThat(source.reads).hasValue(3);
  }

  @Test
  void whoComesWhileTheSetIsReadWaitsForIt() {
    keys.start();
    clock.turn(Duration.ofMinutes(1));
    Promise<IssuerKeys> answer = source.hangs();
    List<Future<Finding>> waiting = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      waiting.add(keys.check(token(NEW, Duration.ZERO), "client"));
    }
    assertThat(source.reads).hasValue(2);
    assertThat(waiting).noneMatch(Future::isComplete);
    // Others are not held up.
    assertThat(check(token(OLD, Duration.ofMinutes(1)))).isEqualTo(Finding.SIGNED);

    answer.complete(Signer.keys("i", OLD, NEW));
    assertThat(waiting).allMatch(f -> Await.result(f) == Finding.SIGNED);
  }

  @Test
  void whenReadingFailsTheKeysBeforeServeOn() {
    keys.start();
    clock.turn(Duration.ofMinutes(6));
    source.fails(false);
    keys.refresh();
    assertThat(check(token(OLD, Duration.ZERO))).isEqualTo(Finding.SIGNED);
    assertThat(check(token(NEW, Duration.ZERO))).isEqualTo(Finding.UNDECIDED);
    assertThat(changes).hasValue(0);
  }

  @Test
  void keysThatAreRefusedAreForgotten() {
    keys.start();
    source.fails(true);
    keys.refresh();
    assertThat(keys.isKnown()).isFalse();
    assertThat(check(token(OLD, Duration.ZERO))).isEqualTo(Finding.UNDECIDED);
    assertThat(changes).hasValue(1);
  }

  @Test
  void keysThatWereNeverReadDecideNothing() {
    source.fails(false);
    keys.start();
    assertThat(check(token(OLD, Duration.ofHours(1)))).isEqualTo(Finding.UNDECIDED);
    assertThat(source.reads).hasValue(1);
    clock.turn(Duration.ofSeconds(10));
    source.has(Signer.keys("i", OLD));
    assertThat(check(token(OLD, Duration.ofHours(1)))).isEqualTo(Finding.SIGNED);
  }

  @Test
  void aTokenFromTheFutureByAnUnknownKeyIsForged() {
    keys.start();
    assertThat(check(token(NEW, Duration.ofSeconds(-61)))).isEqualTo(Finding.FORGED);
  }

  @Test
  void aTokenOfAClockThatIsAMinuteOffByAnUnknownKeyIsNotCalledForged() {
    keys.start();
    clock.turn(Duration.ofMinutes(5));
    keys.refresh();
    assertThat(check(token(NEW, Duration.ofSeconds(59)))).isEqualTo(Finding.UNDECIDED);
    assertThat(check(token(NEW, Duration.ofSeconds(-59)))).isEqualTo(Finding.UNDECIDED);
    assertThat(check(token(NEW, Duration.ofSeconds(61)))).isEqualTo(Finding.FORGED);
  }

  @Test
  void fewWaitForKeysThatAreBeingReadAndFewerOfOneClient() {
    keys.start();
    clock.turn(Duration.ofMinutes(1));
    Promise<IssuerKeys> answer = source.hangs();
    Jws young = token(NEW, Duration.ZERO);
    int waiting = 0;
    for (int i = 0; i < 2 * KeySet.MAX_WAITING_OF_ONE; i++) {
      waiting += keys.check(young, "one").isComplete() ? 0 : 1;
    }
    assertThat(waiting).isEqualTo(KeySet.MAX_WAITING_OF_ONE);
    for (int i = 0; i < 2 * KeySet.MAX_WAITING; i++) {
      waiting += keys.check(young, i).isComplete() ? 0 : 1;
    }
    assertThat(waiting).isEqualTo(KeySet.MAX_WAITING);
    assertThat(check(token(OLD, Duration.ofMinutes(1)))).isEqualTo(Finding.SIGNED);
    answer.complete(Signer.keys("i", OLD, NEW));
    assertThat(check(token(NEW, Duration.ZERO))).isEqualTo(Finding.SIGNED);
  }

  @Test
  void tellsHowManyKeysThereAre() {
    assertThat(Await.result(keys.start())).isTrue();
    source.has(Signer.keys("i", OLD, NEW));
    assertThat(Await.result(keys.refresh())).isTrue();
    source.fails(false);
    assertThat(Await.result(keys.refresh())).isFalse();
    source.fails(true);
    assertThat(Await.result(keys.refresh())).isFalse();

    assertThat(told).containsExactly("test 0", "test 1", "test 2", "test 2", "test 0");
    assertThat(changes).hasValue(2); // one more key, and none
    assertThat(keys.name()).isEqualTo("test");
  }

  @Test
  void saysWhyATokenWasNotFoundToBeSigned() {
    Jws old = token(OLD, Duration.ZERO);
    assertThat(keys.cause(old)).isEqualTo("the keys of test are not known: they are being read");
    assertThat(keys.words()).isEqualTo(TokenCheck.UNDECIDED.words());
    source.fails(false);
    keys.start();
    assertThat(keys.cause(old)).isEqualTo("the keys of test are not known: told to fail");

    source.has(Signer.keys("i", OLD));
    keys.refresh();
    assertThat(keys.cause(old)).isEqualTo("the key with kid old of test has not signed it");
    assertThat(keys.cause(token(NEW, Duration.ZERO)))
        .isEqualTo(
            "kid new is none of the keys of test (1 known, read at " + clock.instant() + ")");
    assertThat(keys.words()).isEqualTo("the key that the token names is not known yet");
  }

  @Test
  void theTokensThatAMinuteDividesAreNotForged() {
    keys.start();
    clock.turn(Duration.ofMinutes(5));
    keys.refresh();
    assertThat(check(token(NEW, Duration.ofSeconds(60)))).isEqualTo(Finding.UNDECIDED);
    assertThat(check(token(NEW, Duration.ofSeconds(-60)))).isEqualTo(Finding.UNDECIDED);
  }

  @Test
  void aTokenWithoutATimeIsForgedForTenSecondsAfterReading() throws TokenFlaw {
    Jws timeless = Jws.parse(NEW.sign(new JsonObject().put("iss", "i")));
    keys.start();
    clock.turn(Duration.ofMillis(9_999));
    assertThat(check(timeless)).isEqualTo(Finding.FORGED);
    assertThat(source.reads).hasValue(1);
    clock.turn(Duration.ofMillis(1));
    source.fails(false);
    assertThat(check(timeless)).isEqualTo(Finding.UNDECIDED);
    assertThat(source.reads).hasValue(2);
  }

  @Test
  void aClockThatWasSetBackDoesNotKeepFromReading() {
    source.fails(false);
    keys.start();
    source.has(Signer.keys("i", OLD));
    clock.turn(Duration.ofHours(-1));
    assertThat(check(token(OLD, Duration.ZERO))).isEqualTo(Finding.SIGNED);
  }

  @Test
  void whoHasWaitedGivesThePlaceBack() {
    Jws young = token(NEW, Duration.ZERO);
    keys.start();
    for (int round = 0; round < 2 * KeySet.MAX_WAITING / KeySet.MAX_WAITING_OF_ONE; round++) {
      clock.turn(Duration.ofSeconds(10));
      Promise<IssuerKeys> answer = source.hangs();
      List<Future<Finding>> waiting = new ArrayList<>();
      for (int i = 0; i < KeySet.MAX_WAITING_OF_ONE; i++) {
        waiting.add(keys.check(young, "one"));
      }
      assertThat(waiting).noneMatch(Future::isComplete);
      answer.fail(new KeysMissing("told to fail", false));
      assertThat(waiting).allMatch(f -> Await.result(f) != Finding.SIGNED);
    }
  }

  @Test
  void afterTheEndNothingIsRead() {
    keys.start();
    keys.close();
    assertThat(Await.result(keys.refresh())).isFalse();
    assertThat(source.reads).hasValue(1);
  }
}
