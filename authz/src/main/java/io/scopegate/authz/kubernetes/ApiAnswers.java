package io.scopegate.authz.kubernetes;

import io.scopegate.authz.ReviewObserver.Kind;
import io.scopegate.authz.http.HttpAnswer;
import io.scopegate.authz.http.HttpTrouble;
import io.scopegate.authz.kubernetes.ApiAnswer.Problem;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells an answer from everything else that may come back. Only a review that is complete and of
 * the right kind counts; everything else means that the API server could not be asked, and is
 * logged.
 */
public final class ApiAnswers {
  private static final Logger LOG = LoggerFactory.getLogger(KubernetesApi.class);
  private static final long MAX_PAUSE_SECONDS = 30;

  private final InstantSource clock;
  private final RateLimitedLog<Object> log;
  private final @Nullable Supplier<Cluster> cluster;

  /** For what is found out without asking an API server. */
  public ApiAnswers(InstantSource clock) {
    this(clock, null, LOG::warn);
  }

  /**
   * For the answers of one API server.
   *
   * @param cluster where it is and who this process is there, for the log
   * @param warn writes a line of the log
   */
  ApiAnswers(InstantSource clock, @Nullable Supplier<Cluster> cluster, Consumer<String> warn) {
    this.clock = clock;
    this.cluster = cluster;
    this.log = new RateLimitedLog<>(warn, clock);
  }

  /** Names the API server: its address stands in no other line of a log. */
  private String server() {
    return cluster == null ? "The API server" : "The API server " + cluster.get().server();
  }

  private Account account() {
    return cluster == null
        ? new Account("its token or client certificate", "renew it")
        : cluster.get().account();
  }

  /** The answer in a complete HTTP response. */
  ApiAnswer read(Kind kind, HttpAnswer answer) {
    int status = answer.status();
    String said = server() + " answered a " + name(kind) + " with " + status;
    if (status == 200 || status == 201) {
      return review(kind, answer.body());
    }
    if (status == 401) {
      return unauthenticated(said);
    }
    if (status == 403) {
      return problem(
          Problem.REFUSED,
          said
              + ": the gateway's account may not create reviews; bind the ClusterRole"
              + " system:auth-delegator to it. The gateway uses "
              + account().credential());
    }
    if (status == 429) {
      return problem(Problem.THROTTLED, said + ": it is overloaded or throttles the gateway");
    }
    return status >= 500
        ? problem(Problem.FAILING, said)
        : problem(Problem.GARBAGE, said + " (expected: 201)");
  }

  private ApiAnswer unauthenticated(String said) {
    Account account = account();
    log.warn(
        "unauthenticated",
        said
            + ": it does not accept the gateway's own credentials, "
            + account.credential()
            + "; "
            + account.remedy());
    return ApiAnswer.none(Problem.REFUSED);
  }

  /** The API server refuses the gateway itself; whether that was the reason, and is in the log. */
  boolean isUnauthenticated(String path, HttpAnswer answer) {
    if (answer.status() != 401) {
      return false;
    }
    unauthenticated(server() + " answered " + path + " with 401");
    return true;
  }

  private ApiAnswer review(Kind kind, Buffer body) {
    try {
      JsonObject review = new JsonObject(body);
      if (name(kind).equals(review.getString("kind", name(kind)))
          && review.getValue("status") instanceof JsonObject status) {
        return ApiAnswer.of(status);
      }
    } catch (DecodeException | ClassCastException e) {
      // Falls through: whatever it is, it is no review. It may quote a token, so it is not logged.
    }
    return garbage(kind);
  }

  /** A review came, but it says nothing that can be relied on. */
  public ApiAnswer garbage(Kind kind) {
    return problem(
        Problem.GARBAGE,
        server() + " answered a " + name(kind) + " with what is not a complete " + name(kind));
  }

  /** No answer came because the connection failed. */
  ApiAnswer failure(Throwable failure) {
    HttpTrouble trouble = HttpTrouble.of(failure);
    log.warn(trouble, server() + " could not be reached: " + trouble.words() + remedy(trouble));
    return ApiAnswer.none(Problem.UNREACHABLE);
  }

  /** What the operator can do about it, where that is known. */
  private String remedy(HttpTrouble trouble) {
    if (cluster == null) {
      return "";
    }
    return switch (trouble) {
      case REFUSED, UNKNOWN_HOST, NO_ROUTE, CONNECT_TIMEOUT ->
          "; check the address (server in the kubeconfig, KUBERNETES_SERVICE_HOST in a Pod),"
              + " NetworkPolicies and whether the API server runs";
      case UNTRUSTED ->
          "; check certificate-authority in the kubeconfig: the cluster's CA may be another one";
      case WRONG_NAME ->
          "; use a server address that its certificate names, or set tls-server-name in the"
              + " kubeconfig";
      case CLIENT_CERTIFICATE -> "; the gateway uses " + account().credential();
      default -> "";
    };
  }

  /** No answer came in time. */
  ApiAnswer timeout(boolean waited) {
    return problem(
        Problem.TIMEOUT,
        waited
            ? "A review waited too long for its turn: see authentication.kubernetes.reviews"
            : server() + " did not answer a review in time");
  }

  /** The queue is full. */
  void tooMany() {
    problem(
        Problem.BUSY,
        "Too many reviews wait for the API server: see authentication.kubernetes.reviews");
  }

  /** A token was rejected, but that may pass. */
  public ApiAnswer doubtful(boolean plain) {
    return problem(
        Problem.DOUBTFUL,
        plain
            ? "The API server rejected a token that it had accepted: it is asked once more"
            : "The API server rejected a token with an error that may not be about the token: it"
                + " is asked once more (its log has the error)");
  }

  /** A right was refused, but an authoriser had failed. */
  public ApiAnswer unevaluated() {
    return problem(
        Problem.UNEVALUATED,
        "The API server answered a SubjectAccessReview with allowed: false and an"
            + " evaluationError: one of its authorisers, perhaps a webhook, fails (its log has the"
            + " error)");
  }

  /** Too many tokens of unknown issuers. */
  public ApiAnswer tooManyForeign() {
    return problem(
        Problem.FOREIGN_BUSY,
        "Too many tokens are opaque or of other issuers than the cluster:"
            + " see authentication.kubernetes.reviews.foreignPerSecond");
  }

  /** One user has too many reviews on their way. */
  public ApiAnswer tooManyOfOneUser() {
    return problem(
        Problem.USER_BUSY,
        "Too many reviews of one user are on their way:"
            + " see authentication.kubernetes.reviews.perUser");
  }

  private ApiAnswer problem(Problem problem, String message) {
    log.warn(problem, message);
    return ApiAnswer.none(problem);
  }

  /**
   * Until when the API server wants to be left alone, 30 s at most: a proxy before it may ask for
   * hours. 0 when it does not say so.
   */
  long pauseUntilMillis(HttpAnswer answer) {
    boolean asks = answer.status() == 429 || answer.status() == 503;
    if (!asks || answer.retryAfter().isEmpty()) {
      return 0;
    }
    return retryAtMillis(answer.retryAfter(), clock.millis());
  }

  private static long retryAtMillis(String retryAfter, long now) {
    try {
      long seconds = Math.min(MAX_PAUSE_SECONDS, Long.parseLong(retryAfter.strip()));
      return now + Math.max(0, seconds) * 1000;
    } catch (NumberFormatException notSeconds) {
      try {
        long until =
            ZonedDateTime.parse(retryAfter.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                .toInstant()
                .toEpochMilli();
        return Math.min(until, now + MAX_PAUSE_SECONDS * 1000);
      } catch (DateTimeParseException e) {
        return 0;
      }
    }
  }

  private static String name(Kind kind) {
    return kind == Kind.TOKEN ? "TokenReview" : "SubjectAccessReview";
  }
}
