package io.scopegate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.concurrent.Future;
import io.scopegate.gateway.answer.Refusal;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for an upstream's end until the answer of a read begins that two servers may get. The
 * first gets it at once, a second one when the first takes too long. Whose answer begins first is
 * linked with the client, as if nothing else had been there; the other one is cancelled. A server
 * error is no answer while the other server may still give one.
 *
 * <p>The request has no body, so its head is all that is sent twice.
 */
public final class HedgedEnd extends StreamEnd {
  private static final char SERVER_ERROR = '5';

  private final Servers servers;
  private final long startNanos;
  private @Nullable Http2Headers head;
  private @Nullable Lane first;
  private @Nullable Lane second;
  private @Nullable Future<?> timer;

  /** Who gives the ends. All calls on the event loop. */
  public interface Servers {
    /** The end at the first server. */
    StreamEnd first();

    /** How long the first one gets, in nanoseconds. */
    long delayNanos();

    /**
     * The end at another server; null when there is none, or no more is to be sent.
     *
     * @param exchange whose request it is
     */
    @Nullable StreamEnd second(Exchange exchange);

    /**
     * An answer began.
     *
     * @param nanos how long that took
     * @param isSecond whether it is the second server's
     */
    void answered(long nanos, boolean isSecond);
  }

  /** For one request. */
  public HedgedEnd(LoopContext loop, Servers servers) {
    super(loop);
    this.servers = servers;
    this.startNanos = System.nanoTime();
  }

  // ---- the client

  @Override
  public void head(Http2Headers head, boolean end) {
    if (!end) {
      throw new IllegalStateException("end: false (expected: a request without a body)");
    }
    this.head = head;
    Lane lane = new Lane();
    first = lane;
    lane.send(servers.first(), head);
    if (first != null && peer != null) {
      timer = loop.eventLoop.schedule(this::hedge, servers.delayNanos(), TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void data(ByteBuf bytes, boolean end) {
    bytes.release(); // there is none
  }

  @Override
  public void trailers(Http2Headers trailers) {}

  @Override
  public void reset(long code) {
    unlink();
    stop();
    cancel(first, code);
    cancel(second, code);
  }

  @Override
  public void abort() {
    reset(CANCEL);
  }

  @Override
  protected void credit(int n) {}

  private void stop() {
    Future<?> waiting = timer;
    timer = null;
    if (waiting != null) {
      waiting.cancel(false);
    }
  }

  private static void cancel(@Nullable Lane lane, long code) {
    StreamEnd upstream = lane == null ? null : lane.unlink();
    if (upstream != null) {
      upstream.reset(code);
    }
  }

  // ---- the servers

  private void hedge() {
    timer = null;
    StreamEnd client = peer;
    Http2Headers sent = head;
    Exchange x = client == null ? null : client.exchange();
    StreamEnd other = x == null || x.ended() || first == null ? null : servers.second(x);
    if (other != null && sent != null) {
      Lane lane = new Lane();
      second = lane;
      lane.send(other, sent);
    }
  }

  private @Nullable Lane other(Lane lane) {
    return lane == first ? second : first;
  }

  private void forget(Lane lane) {
    if (lane == first) {
      first = null;
    } else if (lane == second) {
      second = null;
    }
  }

  private void answered(Lane lane, Http2Headers answer, boolean end) {
    Lane other = other(lane);
    boolean isSecond = lane == second;
    CharSequence status = answer.status();
    if (other != null && status != null && status.charAt(0) == SERVER_ERROR) {
      forget(lane);
      cancel(lane, CANCEL);
      return;
    }
    stop();
    servers.answered(System.nanoTime() - startNanos, isSecond);
    cancel(other, CANCEL);
    StreamEnd upstream = lane.unlink();
    StreamEnd client = unlink();
    first = null;
    second = null;
    if (upstream != null && client != null) {
      upstream.link(client);
      client.head(answer, end);
    }
  }

  /** A server will not answer: the client is told when there is no other. */
  private void lost(Lane lane, Consumer<StreamEnd> tell) {
    if (lane != first && lane != second) {
      return; // it was cancelled from here
    }
    Lane other = other(lane);
    forget(lane);
    if (other == null) {
      stop();
      StreamEnd client = unlink();
      if (client != null) {
        tell.accept(client);
      }
    }
  }

  /** The client, as one server sees it until an answer begins. */
  private final class Lane extends StreamEnd {
    Lane() {
      super(HedgedEnd.this.loop);
      share(HedgedEnd.this.share());
    }

    void send(StreamEnd upstream, Http2Headers request) {
      upstream.link(this);
      upstream.head(request, true);
    }

    @Override
    public @Nullable Exchange servedExchange() {
      StreamEnd client = HedgedEnd.this.peer;
      return client == null ? null : client.exchange();
    }

    @Override
    public void head(Http2Headers answer, boolean end) {
      answered(this, answer, end);
    }

    @Override
    public void interim(Http2Headers answer) {
      StreamEnd client = HedgedEnd.this.peer;
      if (client != null) {
        client.interim(answer);
      }
    }

    @Override
    public void data(ByteBuf bytes, boolean end) {
      bytes.release(); // none comes before a head
    }

    @Override
    public void trailers(Http2Headers trailers) {}

    @Override
    public void reset(long code) {
      unlink();
      lost(this, client -> client.reset(code));
    }

    @Override
    public void fail(Refusal why) {
      StreamEnd upstream = unlink();
      if (upstream != null) {
        upstream.reset(CANCEL);
      }
      lost(this, client -> client.fail(why));
    }

    @Override
    public void abort() {
      cancel(this, CANCEL);
    }

    @Override
    protected void credit(int n) {}
  }
}
