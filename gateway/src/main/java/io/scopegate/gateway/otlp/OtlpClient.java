package io.scopegate.gateway.otlp;

import io.scopegate.authz.http.HttpAnswer;
import io.scopegate.authz.http.HttpCall;
import io.scopegate.authz.http.HttpClients;
import io.scopegate.authz.http.HttpFailures;
import io.scopegate.authz.http.HttpThreads;
import io.scopegate.authz.http.HttpTrouble;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Sends requests of OTLP over HTTP, one at a time, and waits for the answer. */
public final class OtlpClient implements AutoCloseable {
  /** Requests whose {@code User-Agent} begins like this are exports of a gateway. */
  public static final String AGENT = "scopegate-otlp/";

  /** An answer has a few words in it; a longer one is none. */
  private static final int MOST_ANSWER_BYTES = 64 << 10;

  private static final int THREADS = 2;

  private final OtlpTls tls;
  private final OtlpConfig config;
  private final URI url;
  private final String agent;
  private final ExecutorService threads;
  private SSLContext made;
  private HttpClient client;

  /**
   * A client for one receiver.
   *
   * @param version the gateway's, for {@code User-Agent}
   */
  public OtlpClient(OtlpTls tls, OtlpSignal signal, String version) {
    this.tls = tls;
    this.config = tls.config();
    this.url = config.url(signal);
    this.agent = AGENT + version;
    this.threads = HttpThreads.create("scopegate-otlp-client", THREADS);
    this.made = tls.context();
    this.client = create(made);
  }

  private HttpClient create(SSLContext context) {
    return HttpClients.create(
        threads, config.timeout(), config.isEncrypted(), context, HttpClient.Builder.NO_PROXY);
  }

  /** Where requests are sent to. */
  public URI url() {
    return url;
  }

  /** Connections that were made with other certificates are not used any more. */
  private HttpClient client() {
    SSLContext now = tls.context();
    if (now != made) {
      client = create(now);
      made = now;
    }
    return client;
  }

  /**
   * What came of a request.
   *
   * @param status of HTTP; 0 without an answer
   * @param retryAfter the header of that name; empty when missing
   * @param rejected how many records of a request that was taken were not
   * @param trouble why there was no answer; empty when there was one
   */
  public record Answer(int status, String retryAfter, long rejected, String trouble) {
    /** Whether the request was taken. */
    public boolean isGood() {
      return status >= 200 && status < 300;
    }

    /**
     * Whether the same may be sent again: <a
     * href="https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes">retryable</a>.
     */
    public boolean isPassing() {
      return status == 0 || status == 429 || status == 502 || status == 503 || status == 504;
    }

    /** What is wrong, for people; empty when nothing is. */
    public String problem() {
      return !trouble.isEmpty() ? trouble : isGood() ? "" : "it answers " + status;
    }
  }

  /**
   * Sends a request.
   *
   * @param within how long that may take
   * @throws InterruptedException when this thread is to end
   */
  public Answer send(byte[] body, Duration within) throws InterruptedException {
    CompletableFuture<HttpAnswer> answered = new CompletableFuture<>();
    HttpCall call;
    try {
      call = HttpCall.send(client(), request(body, within), MOST_ANSWER_BYTES);
    } catch (RuntimeException e) {
      return failed(e);
    }
    call.whenAnswered((answer, failure) -> {
      if (answer != null) {
        answered.complete(answer);
      } else if (failure != null) {
        answered.completeExceptionally(failure);
      }
    });
    try {
      HttpAnswer answer = answered.get(within.toNanos(), TimeUnit.NANOSECONDS);
      long rejected = PartialSuccess.rejected(answer.body().getBytes());
      return new Answer(answer.status(), answer.retryAfter(), rejected, "");
    } catch (TimeoutException e) {
      call.cancel();
      return failed(e);
    } catch (InterruptedException e) {
      call.cancel();
      throw e;
    } catch (ExecutionException e) {
      return failed(e.getCause() == null ? e : e.getCause());
    }
  }

  private static Answer failed(Throwable why) {
    return new Answer(
        0,
        "",
        0,
        HttpFailures.isTimeout(why) ? "no answer within its timeout" : HttpTrouble.of(why).words());
  }

  private HttpRequest request(byte[] body, Duration within) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            .timeout(within)
            .header("Content-Type", "application/x-protobuf")
            .header("User-Agent", agent)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    config.headers().forEach((name, value) -> request.setHeader(name, value.reveal()));
    String tenant = config.tenant();
    if (tenant != null) {
      request.setHeader(OtlpConfig.TENANT_HEADER, tenant);
    }
    return request.build();
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  /** Reads how much of a request that was taken was not. */
  static final class PartialSuccess {
    private static final int NESTED = 1 << 3 | 2;
    private static final int NUMBER = 1 << 3;

    private PartialSuccess() {}

    /**
     * The first field, in the first field, of an answer; it has hardly anything else.
     *
     * @return 0 when it is not there, or the answer is something else
     */
    static long rejected(byte @Nullable [] answer) {
      if (answer == null || answer.length < 4 || answer[0] != NESTED || answer[2] != NUMBER) {
        return 0;
      }
      long value = 0;
      for (int i = 3, shift = 0; i < answer.length && shift < Long.SIZE; i++, shift += 7) {
        value |= (long) (answer[i] & 0x7f) << shift;
        if (answer[i] >= 0) {
          return Math.max(0, value);
        }
      }
      return 0;
    }
  }
}
