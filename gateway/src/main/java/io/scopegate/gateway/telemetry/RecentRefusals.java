package io.scopegate.gateway.telemetry;

import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.route.Endpoint;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The last refusals, for operators who look for a reason. Noting one costs an increment and a small
 * object, and takes no lock; a reader may miss one that is being noted.
 */
public final class RecentRefusals {
  /** How many are kept. */
  public static final int MOST = 200;

  private static final int MOST_CHARS = 1024;

  private final AtomicReferenceArray<@Nullable Noted> ring = new AtomicReferenceArray<>(MOST);
  private final AtomicLong count = new AtomicLong();
  private final InstantSource clock;

  RecentRefusals(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Notes the end of a request that was refused.
   *
   * @param forwarded whether it was only to be logged that it would be
   */
  void add(RequestRecord request, Refusal refusal, boolean forwarded) {
    long number = count.getAndIncrement();
    Endpoint endpoint = request.endpoint;
    ring.setRelease(
        (int) (number % MOST),
        new Noted(
            number,
            clock.millis(),
            request.requestId(),
            request.listener,
            endpoint == null ? "unmatched" : endpoint.name(),
            cut(request.user),
            cut(request.tenant),
            cut(refusal),
            forwarded));
  }

  /** A client may choose some of them: what is kept is bounded. */
  private static String cut(String text) {
    return text.length() <= MOST_CHARS ? text : text.substring(0, MOST_CHARS) + "…";
  }

  /** The text names what was asked for, which a client may choose as well. */
  private static Refusal cut(Refusal refusal) {
    return refusal.detail().length() <= MOST_CHARS
        ? refusal
        : new Refusal(
            refusal.reason(),
            cut(refusal.detail()),
            refusal.retryAfterMillis(),
            refusal.allow(),
            refusal.allowance());
  }

  /** Those that are kept, the last one first. */
  public List<Noted> last() {
    long next = count.get();
    List<Noted> found = new ArrayList<>(MOST);
    for (long number = next - 1; number >= Math.max(0, next - MOST); number--) {
      Noted noted = ring.getAcquire((int) (number % MOST));
      if (noted != null && noted.number == number) {
        found.add(noted);
      }
    }
    return found;
  }

  /**
   * A refusal that was noted.
   *
   * @param number how many came before
   * @param epochMillis when the request ended
   * @param requestId the request's id
   * @param listener the listener's name
   * @param endpoint the endpoint's name, {@code unmatched} when there is none
   * @param user the user's name; empty when none was established
   * @param tenant the tenant's name; likewise
   * @param refusal why; a long text is cut
   * @param forwarded whether it was forwarded all the same
   */
  public record Noted(
      long number,
      long epochMillis,
      String requestId,
      String listener,
      String endpoint,
      String user,
      String tenant,
      Refusal refusal,
      boolean forwarded) {

    /** When the request ended. */
    public Instant time() {
      return Instant.ofEpochMilli(epochMillis);
    }
  }
}
