package io.scopegate.gateway.otlp;

import io.scopegate.gateway.otlp.OtlpClient.Answer;
import io.scopegate.gateway.otlp.OtlpCounts.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends records of one signal to a receiver, in batches, on a thread of its own. Who has a record
 * never waits: where the receiver is slow, away or hostile, 2 MiB of records wait and the newest
 * are dropped and counted.
 */
public final class OtlpExporter implements OtlpSource {
  /** So many bytes of records wait at most. */
  static final long MOST_WAITING_BYTES = 2 << 20;

  /** So many records make a batch at once; fewer are sent after {@link #INTERVAL_NANOS}. */
  static final int BATCH = 512;

  private static final int MOST_BATCH_BYTES = 512 << 10;
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int MOST_TRIES = 5;
  private static final long FIRST_PAUSE_MILLIS = 1_000;
  private static final long MOST_PAUSE_MILLIS = 30_000;
  private static final long SILENCE_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** How long the end waits for what is still to be sent. */
  private static final long FLUSH_MILLIS = 3_000;

  private static final Logger LOG = LoggerFactory.getLogger(OtlpExporter.class);

  private final String key;
  private final OtlpClient client;
  private final OtlpEnvelope envelope;
  private final Duration timeout;
  private final OtlpCounts counts;
  private final Queue<byte[]> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final Thread thread;
  private volatile boolean closed;
  private volatile long endNanos;
  private boolean isFailing;
  private long saidNanos;

  private OtlpExporter(
      String key, Duration timeout, OtlpClient client, OtlpEnvelope envelope, OtlpCounts counts) {
    this.key = key;
    this.client = client;
    this.envelope = envelope;
    this.timeout = timeout;
    this.counts = counts;
    this.thread = new Thread(this::run, "scopegate-otlp");
    thread.setDaemon(true);
  }

  /**
   * Starts one.
   *
   * @param key where its configuration is, such as {@code tracing.otlp}
   * @param to the receiver
   * @param version the gateway's
   * @param counts what becomes of the records
   */
  public static OtlpExporter start(
      String key, OtlpTls to, OtlpSignal signal, String version, OtlpCounts counts) {
    OtlpExporter exporter =
        new OtlpExporter(
            key,
            to.config().timeout(),
            new OtlpClient(to, signal, version),
            OtlpEnvelope.of(to.config(), version),
            counts);
    exporter.thread.start();
    return exporter;
  }

  /**
   * Hands over one record; for any thread, and never waits.
   *
   * @param record a span or a log record, encoded, not changed afterwards
   */
  public void offer(byte[] record) {
    if (waitingBytes.addAndGet(record.length) > MOST_WAITING_BYTES || closed) {
      waitingBytes.addAndGet(-record.length);
      counts.add(Result.DROPPED, 1);
      return;
    }
    queue.add(record);
    int now = waiting.incrementAndGet();
    if (now == 1 || now == BATCH) {
      LockSupport.unpark(thread);
    }
  }

  @Override
  public void close() {
    endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(FLUSH_MILLIS);
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join(FLUSH_MILLIS);
      thread.interrupt();
      thread.join(FLUSH_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    client.close();
  }

  // ---- the thread

  private void run() {
    try {
      while (!closed) {
        gather();
        export(batch());
      }
      while (endNanos - System.nanoTime() > 0 && waiting.get() > 0) {
        export(batch());
      }
    } catch (InterruptedException e) {
      // the end came before the receiver answered
    }
    for (List<byte[]> rest = batch(); !rest.isEmpty(); rest = batch()) {
      counts.add(Result.DROPPED, rest.size());
    }
  }

  /** Waits until there is something, and then a little for more. */
  private void gather() {
    while (waiting.get() == 0 && !closed) {
      LockSupport.park(this);
    }
    long until = System.nanoTime() + INTERVAL_NANOS;
    while (waiting.get() < BATCH && !closed && until - System.nanoTime() > 0) {
      LockSupport.parkNanos(this, until - System.nanoTime());
    }
  }

  private List<byte[]> batch() {
    List<byte[]> batch = new ArrayList<>();
    int bytes = 0;
    while (batch.size() < BATCH && bytes < MOST_BATCH_BYTES) {
      byte[] next = queue.poll();
      if (next == null) {
        break;
      }
      waiting.decrementAndGet();
      waitingBytes.addAndGet(-next.length);
      bytes += next.length;
      batch.add(next);
    }
    return batch;
  }

  private void export(List<byte[]> batch) throws InterruptedException {
    if (batch.isEmpty()) {
      return;
    }
    try {
      send(batch.size(), envelope.around(batch));
    } catch (InterruptedException e) {
      counts.add(Result.DROPPED, batch.size());
      throw e;
    }
  }

  private void send(int records, byte[] body) throws InterruptedException {
    for (int tries = 1; ; tries++) {
      Answer answer = client.send(body, closed ? Duration.ofMillis(leftMillis()) : timeout);
      if (answer.isGood()) {
        long rejected = Math.min(records, answer.rejected());
        counts.add(Result.EXPORTED, records - rejected);
        counts.add(Result.REJECTED, rejected);
        good();
        return;
      }
      bad(answer);
      if (!answer.isPassing()) {
        counts.add(Result.REJECTED, records);
        return;
      }
      if (tries == MOST_TRIES || closed) {
        counts.add(Result.DROPPED, records);
        return;
      }
      pause(pauseMillis(tries, answer.retryAfter()));
    }
  }

  private long leftMillis() {
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime()));
  }

  /** What the receiver asks for, or twice as long each time; at most half a minute. */
  static long pauseMillis(int tries, String retryAfter) {
    long own = FIRST_PAUSE_MILLIS << Math.min(tries - 1, 5);
    long asked = retryAfter.matches("[0-9]{1,6}") ? Long.parseLong(retryAfter) * 1_000 : 0;
    return Math.min(Math.max(own, asked), MOST_PAUSE_MILLIS);
  }

  private void pause(long millis) {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (!closed && until - System.nanoTime() > 0) {
      LockSupport.parkNanos(this, until - System.nanoTime());
    }
  }

  private void good() {
    if (isFailing) {
      isFailing = false;
      LOG.info("{}: {} takes records again", key, client.url());
    }
  }

  /** One line a minute: it may be away for days. */
  private void bad(Answer answer) {
    long now = System.nanoTime();
    if (!isFailing || now - saidNanos >= SILENCE_NANOS) {
      LOG.warn(
          "{}: {} does not take records: {}; those that have no room are dropped",
          key,
          client.url(),
          answer.problem());
      saidNanos = now;
    }
    isFailing = true;
  }
}
