package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.Authorization;
import io.scopegate.authz.Authorization.Decision;
import io.scopegate.authz.Fixtures;
import io.scopegate.authz.HandClock;
import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.RightsChange;
import io.scopegate.authz.RightsChange.Effect;
import io.scopegate.authz.User;
import io.scopegate.authz.kubernetes.ApiAnswer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a change of rights does to decisions that are kept, and to those on their way. */
final class RightsChangedTest {
  private static final User JANE = new User("jane", "", List.of("dev"), Map.of());

  private final HandClock clock = new HandClock();
  private final ScriptedReviewer reviewer = new ScriptedReviewer();
  private final SubjectAccessReviewAuthorizer authorizer =
      new SubjectAccessReviewAuthorizer(
          reviewer, Fixtures.decisions(), 2, clock, new CountingObserver());

  private static RightsChange of(Effect effect, String namespace, String user) {
    return new RightsChange(effect, namespace, Set.of(user), Set.of());
  }

  private Authorization ask(User user) {
    return authorizer.authorize(user, Fixtures.WRITE_PAYMENTS).result();
  }

  private Authorization cached(User user) {
    return authorizer.cached(user, Fixtures.WRITE_PAYMENTS);
  }

  @Test
  void endsWhatItTouchesAndNothingElse() {
    reviewer.answers(Fixtures.allowed(true));
    Authorization of = ask(JANE);
    Authorization other = ask(Fixtures.INGEST);
    authorizer.rightsChanged(of(Effect.TAKES, "", "jane"));
    assertThat(cached(JANE)).isNull();
    assertThat(of.ground().lease().ended()).isTrue();
    assertThat(cached(Fixtures.INGEST)).isEqualTo(other);
    assertThat(other.ground().lease().ended()).isFalse();
  }

  @Test
  void endsWhatTheMembersOfAGroupAreRefused() {
    reviewer.answers(Fixtures.allowed(false));
    ask(JANE);
    authorizer.rightsChanged(new RightsChange(Effect.GIVES, "", Set.of(), Set.of("dev")));
    assertThat(cached(JANE)).isNull();
  }

  @Test
  void whatItEndedDoesNotServeWhileNobodyCanBeAsked() {
    reviewer.answers(Fixtures.allowed(true));
    ask(JANE);
    authorizer.rightsChanged(of(Effect.TAKES, "", "jane"));
    reviewer.cannotBeAsked();
    assertThat(ask(JANE).decision()).isEqualTo(Decision.UNDECIDED);
  }

  @Test
  void anAnswerFromBeforeIsAskedForOnceMore() {
    Promise<ApiAnswer> old = reviewer.answersLater();
    Future<Authorization> asked = authorizer.authorize(JANE, Fixtures.WRITE_PAYMENTS);
    authorizer.rightsChanged(of(Effect.TAKES, "", "jane"));
    reviewer.answers(Fixtures.allowed(false));
    old.complete(ApiAnswer.of(Fixtures.allowed(true)));
    assertThat(asked.result().decision()).isEqualTo(Decision.DENY);
    assertThat(reviewer.asked).hasSize(2);
  }

  @Test
  void anAnswerThatComesSoonAfterLivesShortlyAndLongerTheLongerAgoTheChange() {
    for (boolean allowed : new boolean[] {true, false}) {
      authorizer.rightsChanged(of(Effect.on(allowed), "", "jane"));
      reviewer.answers(Fixtures.allowed(allowed));
      for (int millis : new int[] {200, 800, 1000, 1000}) {
        ask(JANE);
        clock.turn(Duration.ofMillis(millis - 1));
        assertThat(cached(JANE)).isNotNull();
        clock.turn(Duration.ofMillis(1));
        assertThat(cached(JANE)).isNull();
      }
      ask(JANE);
      clock.turn(Duration.ofSeconds(26));
      assertThat(cached(JANE)).isNotNull();
      clock.turn(Duration.ofMinutes(10));
    }
  }

  @Test
  void whatOnlyGivesEndsNoYesAndWhatOnlyTakesNoNo() {
    reviewer.answers(Fixtures.allowed(true));
    Authorization yes = ask(JANE);
    authorizer.rightsChanged(of(Effect.GIVES, "", "jane"));
    assertThat(cached(JANE)).isEqualTo(yes);
    assertThat(yes.ground().lease().ended()).isFalse();
    User joe = new User("joe", "", List.of("dev"), Map.of());
    reviewer.answers(Fixtures.allowed(false));
    Authorization no = ask(joe);
    authorizer.rightsChanged(of(Effect.TAKES, "", "joe"));
    assertThat(cached(joe)).isEqualTo(no);
  }

  @Test
  void whatIsGrantedInANamespaceSaysNothingAboutWhatIsInNone() {
    reviewer.answers(Fixtures.allowed(true));
    Authorization yes = ask(JANE);
    for (int i = 0; i < 100; i++) {
      authorizer.rightsChanged(of(Effect.TAKES, "ns" + i, "jane"));
      authorizer.rightsChanged(of(Effect.GIVES, "ns" + i, "jane"));
    }
    assertThat(cached(JANE)).isEqualTo(yes);
    assertThat(ask(Fixtures.INGEST).validUntilMillis()).isGreaterThan(clock.millis() + 10_000);
    assertThat(reviewer.asked).hasSize(2);
  }

  @Test
  void whatIsGrantedInANamespaceEndsWhatIsInIt() {
    ResourceAttributes inside =
        new ResourceAttributes("create", "", "", "traces", "", "traces", "payments");
    reviewer.answers(Fixtures.allowed(true));
    authorizer.authorize(JANE, inside);
    authorizer.rightsChanged(of(Effect.TAKES, "elsewhere", "jane"));
    assertThat(authorizer.cached(JANE, inside)).isNotNull();
    authorizer.rightsChanged(of(Effect.TAKES, "payments", "jane"));
    assertThat(authorizer.cached(JANE, inside)).isNull();
    authorizer.authorize(JANE, inside);
    authorizer.rightsChanged(of(Effect.TAKES, "", "jane"));
    assertThat(authorizer.cached(JANE, inside)).isNull();
  }

  @Test
  void whatWasAnsweredBeforeTheWatchIsAskedAnewWithinAMinuteAndServesOnMeanwhile() {
    reviewer.answers(Fixtures.allowed(true));
    Authorization before = ask(JANE);
    authorizer.rightsFollowed();
    assertThat(cached(JANE)).isNotNull();
    clock.turn(Duration.ofMinutes(1));
    assertThat(cached(JANE)).isNull();
    reviewer.cannotBeAsked();
    assertThat(ask(JANE).decision()).isEqualTo(Decision.ALLOW);
    assertThat(before.ground().lease().ended()).isFalse();
  }

  @Test
  void theIndexHoldsNoMoreThanTheCache() {
    DecidedQuestions index = new DecidedQuestions();
    SubjectAccessReviewAuthorizer.Question question =
        new SubjectAccessReviewAuthorizer.Question(JANE, Fixtures.WRITE_PAYMENTS);
    index.update(question, kept -> true);
    index.update(question, kept -> true);
    assertThat(index.of(Set.of("jane"), Set.of("dev"))).containsExactly(question);
    index.update(question, kept -> false);
    assertThat(index.of(Set.of("jane"), Set.of("dev"))).isEmpty();
    assertThat(index.users()).isZero();
  }
}
