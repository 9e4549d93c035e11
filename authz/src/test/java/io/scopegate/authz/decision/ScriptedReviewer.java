package io.scopegate.authz.decision;

import io.scopegate.authz.ReviewObserver.Kind;
import io.scopegate.authz.kubernetes.ApiAnswer;
import io.scopegate.authz.kubernetes.ReviewPriority;
import io.scopegate.authz.kubernetes.Reviewer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;

/** Answers reviews as a test says, without an API server. */
final class ScriptedReviewer implements Reviewer {
  final List<JsonObject> asked = new CopyOnWriteArrayList<>();
  final List<ReviewPriority> lanes = new CopyOnWriteArrayList<>();
  final List<Long> waitedMillis = new CopyOnWriteArrayList<>();
  private volatile Function<JsonObject, Future<ApiAnswer>> script =
      request -> Future.succeededFuture(ApiAnswer.none(ApiAnswer.Problem.UNREACHABLE));

  volatile boolean down;
  volatile long earlierMillis;
  final List<Runnable> impatient = new CopyOnWriteArrayList<>();

  /** Lets the patience of all who wait end. */
  void endPatience() {
    List<Runnable> due = List.copyOf(impatient);
    impatient.clear();
    due.forEach(Runnable::run);
  }

  /** Forgets what was asked, so that long tests stay quick. */
  void forget() {
    asked.clear();
    lanes.clear();
  }

  void answers(JsonObject status) {
    script = request -> Future.succeededFuture(ApiAnswer.of(status));
  }

  void answersEach(Function<JsonObject, JsonObject> statusOf) {
    script = request -> Future.succeededFuture(ApiAnswer.of(statusOf.apply(request)));
  }

  void answersWith(Function<JsonObject, Future<ApiAnswer>> next) {
    script = next;
  }

  void cannotBeAsked() {
    script = request -> Future.succeededFuture(ApiAnswer.none(ApiAnswer.Problem.UNREACHABLE));
  }

  /** Answers when the test completes the promise. */
  Promise<ApiAnswer> answersLater() {
    Promise<ApiAnswer> answer = Promise.promise();
    script = request -> answer.future();
    return answer;
  }

  @Override
  public Future<ApiAnswer> review(Kind kind, ReviewPriority lane, Supplier<JsonObject> body) {
    JsonObject request = body.get();
    asked.add(request);
    lanes.add(lane);
    return script.apply(request);
  }

  @Override
  public Future<ApiAnswer> review(
      Kind kind, ReviewPriority lane, long waited, Supplier<JsonObject> body) {
    waitedMillis.add(waited);
    return review(kind, lane, body);
  }

  @Override
  public boolean isDown() {
    return down;
  }

  @Override
  public void later(long millis, Runnable task) {
    impatient.add(task);
  }

  @Override
  public long earlierMillis(long ttlMillis) {
    return earlierMillis;
  }
}
