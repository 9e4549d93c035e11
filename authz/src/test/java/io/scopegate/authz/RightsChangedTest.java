package io.scopegate.authz;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.Authorization.Decision;
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
  private static final Set<String> NOBODY = Set.of();

  private final HandClock clock = new HandClock();
  private final ScriptedReviewer reviewer = new ScriptedReviewer();
  private final SubjectAccessReviewAuthorizer authorizer =
      new SubjectAccessReviewAuthorizer(
          reviewer, Fixtures.decisions(), 2, clock, new CountingObserver());

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
    authorizer.rightsChanged(Set.of("jane"), NOBODY);
    assertThat(cached(JANE)).isNull();
    assertThat(of.ground().lease().ended()).isTrue();
    assertThat(cached(Fixtures.INGEST)).isEqualTo(other);
    assertThat(other.ground().lease().ended()).isFalse();
  }

  @Test
  void endsWhatTheMembersOfAGroupAreRefused() {
    reviewer.answers(Fixtures.allowed(false));
    ask(JANE);
    authorizer.rightsChanged(NOBODY, Set.of("dev"));
    assertThat(cached(JANE)).isNull();
  }

  @Test
  void whatItEndedDoesNotServeWhileNobodyCanBeAsked() {
    reviewer.answers(Fixtures.allowed(true));
    ask(JANE);
    authorizer.rightsChanged(Set.of("jane"), NOBODY);
    reviewer.cannotBeAsked();
    assertThat(ask(JANE).decision()).isEqualTo(Decision.UNDECIDED);
  }

  @Test
  void anAnswerFromBeforeIsAskedForOnceMore() {
    Promise<ApiAnswer> old = reviewer.answersLater();
    Future<Authorization> asked = authorizer.authorize(JANE, Fixtures.WRITE_PAYMENTS);
    authorizer.rightsChanged(Set.of("jane"), NOBODY);
    reviewer.answers(Fixtures.allowed(false));
    old.complete(ApiAnswer.of(Fixtures.allowed(true)));
    assertThat(asked.result().decision()).isEqualTo(Decision.DENY);
    assertThat(reviewer.asked).hasSize(2);
  }

  @Test
  void anAnswerThatComesSoonAfterLivesShortlyWhicheverItIs() {
    authorizer.rightsChanged(Set.of("jane"), NOBODY);
    for (boolean allowed : new boolean[] {true, false}) {
      reviewer.answers(Fixtures.allowed(allowed));
      ask(JANE);
      clock.turn(Duration.ofMillis(199));
      assertThat(cached(JANE)).isNotNull();
      clock.turn(Duration.ofMillis(1));
      assertThat(cached(JANE)).isNull();
    }
    clock.turn(Duration.ofSeconds(3));
    ask(JANE);
    clock.turn(Duration.ofSeconds(29));
    assertThat(cached(JANE)).isNotNull();
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
