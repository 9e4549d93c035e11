package io.scopegate.gateway.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import io.scopegate.gateway.http.Attempts.Failure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** HTTP/2 to an upstream: many streams. */
public final class Http2UpstreamConnection extends AbstractHttp2Connection {
  private static final int REFUSED_STREAM = 7;
  private static final int ENHANCE_YOUR_CALM = 11;

  private final Owner owner;
  private final UpstreamLife life;
  private final long bornNanos;
  private boolean ready;
  private boolean gone;

  /** Who made the connection and hands out its streams. All calls on the event loop. */
  public interface Owner extends Attempts {
    /** The peer's first SETTINGS arrived: its stream limit is known. */
    void ready(Http2UpstreamConnection c);

    /** A stream ended, or the limit was raised. */
    void roomFor(Http2UpstreamConnection c);

    /** It is older than connections get, and should be replaced; said until it is drained. */
    void aged(Http2UpstreamConnection c);

    /**
     * A stream was reset from here before its answer was complete.
     *
     * @param tenant whose it was; null for nobody's
     */
    void reset(Http2UpstreamConnection c, @Nullable TenantMemoryShare tenant);

    /** Some time has passed; called about twice a second. */
    void swept();

    /** No new streams from now on; called once, also when it never was ready. */
    void gone(Http2UpstreamConnection c);
  }

  private Http2UpstreamConnection(
      LoopContext worker, Http2Parts parts, Owner owner, UpstreamLife life) {
    super(worker, parts);
    this.owner = owner;
    this.life = life;
    this.bornNanos = worker.nowNanos();
  }

  /** A handler for a connection to an upstream. */
  public static Http2UpstreamConnection create(
      LoopContext worker, Owner owner, CodecSettings limits, UpstreamLife life) {
    return Http2Parts.build(null, limits, p -> new Http2UpstreamConnection(worker, p, owner, life));
  }

  /** Whether a stream can be opened now. */
  public boolean canOpen() {
    return ready
        && !gone
        && connection().local().canOpenStream()
        && connection().local().lastStreamCreated() < Integer.MAX_VALUE - 2;
  }

  /**
   * As {@link #canOpen()}, though the upstream may still be busy with streams that were reset: it
   * bears as many of them as it takes streams.
   *
   * @param reset how many there are
   * @param mostReset how many there may be
   */
  public boolean canOpenBeside(int reset, int mostReset) {
    return canOpen()
        && (reset == 0
            || reset < mostReset
                && connection().local().numActiveStreams() + reset
                    < 2L * connection().local().maxActiveStreams());
  }

  /** Whether the peer's SETTINGS have come. */
  public boolean isReady() {
    return ready;
  }

  /** Streams under way. */
  public int streams() {
    return connection().numActiveStreams();
  }

  /**
   * A new stream's end; only when {@link #canOpen()}.
   *
   * @param slot what it takes of a bound; null for nothing
   */
  public StreamEnd newSide(@Nullable Slot slot) {
    Http2StreamEnd side = new Http2StreamEnd(this, null);
    side.occupy(slot);
    return side;
  }

  /** Closes at once. */
  public void abort() {
    if (active()) {
      ctx().close();
    }
  }

  /** Has every request sent again that has no answer yet, as far as its owner lets it. */
  public void resendUnanswered() {
    List<Http2StreamEnd> all = new ArrayList<>();
    try {
      connection()
          .forEachActiveStream(stream -> {
            Http2StreamEnd side = side(stream);
            if (side != null && side.remembers()) {
              all.add(side);
            }
            return true;
          });
    } catch (Http2Exception e) {
      throw new IllegalStateException(e); // the visitor throws none
    }
    for (Http2StreamEnd side : all) {
      StreamEnd client = side.peer();
      if (client != null && side.resend(client, owner, Failure.SILENT)) {
        side.refuseAnswer();
      }
    }
  }

  @Override
  @Nullable Http2StreamEnd accept(Http2Stream stream) {
    return null;
  }

  @Override
  void opened() {
    owner.sent();
  }

  @Override
  void received(Http2StreamEnd side, Http2Headers head, boolean end) {
    StreamEnd client = side.peer();
    AnswerCheck check = AnswerCheck.ofHead(head, end);
    side.slotAnswered(check == AnswerCheck.BAD);
    if (judge(check) && client != null && side.resend(client, owner, Failure.BAD_ANSWER)) {
      side.refuseAnswer();
      return;
    }
    side.forget();
    if (client != null) {
      client.head(head, end);
    }
  }

  @Override
  void answerEnds(Http2Headers trailers) {
    judge(AnswerCheck.ofTrailers(trailers));
  }

  /** Whether it speaks against the server. */
  private boolean judge(AnswerCheck check) {
    if (check == AnswerCheck.BAD) {
      owner.failed(Failure.BAD_ANSWER);
      return true;
    }
    owner.answered();
    return false;
  }

  /** The connection is lost, or the stream is above GOAWAY's last one, or an error found here. */
  @Override
  void broken(Http2StreamEnd side, StreamEnd client) {
    if (side.number() == 0) {
      client.fail(Exchange.upstreamLost()); // the sender of the head has the body, too
      return;
    }
    Failure why = unread(side) ? Failure.GOAWAY : active() ? Failure.RESET : Failure.LOST;
    owner.failed(why);
    if (side.isReadToEnd()) {
      client.reset(StreamEnd.NO_ERROR);
    } else if (!side.resend(client, owner, why)) {
      client.fail(Exchange.upstreamLost());
    }
  }

  /** Whether the server has not looked at the stream's request. */
  private boolean unread(Http2StreamEnd side) {
    return connection().goAwayReceived()
        && side.number() > connection().local().lastStreamKnownByPeer();
  }

  @Override
  void resetByPeer(Http2StreamEnd side, StreamEnd client, long code) {
    Failure why = code == REFUSED_STREAM ? Failure.REFUSED : Failure.RESET;
    boolean complete = side.isReadToEnd() && code == StreamEnd.NO_ERROR;
    if (!complete && code != ENHANCE_YOUR_CALM) {
      owner.failed(why);
      if (side.resend(client, owner, why)) {
        return;
      }
    }
    Exchange x = client.exchange();
    if (complete) {
      client.reset(StreamEnd.NO_ERROR);
    } else if (code == StreamEnd.NO_ERROR || x != null && x.ingest() && x.dialect().isGrpc()) {
      client.fail(Exchange.upstreamLost()); // a collector would drop what INTERNAL_ERROR means
    } else {
      client.reset(code);
    }
  }

  @Override
  void resetFromHere(Http2StreamEnd side) {
    owner.reset(this, side.share());
  }

  @Override
  long keepAliveNanos() {
    return CodecSettings.UPSTREAM_KEEP_ALIVE_NANOS;
  }

  @Override
  void settingsReceived() {
    if (gone) {
      return;
    }
    if (ready) {
      owner.roomFor(this);
    } else {
      ready = true;
      owner.ready(this);
    }
  }

  @Override
  void streamRemoved() {
    if (!gone) {
      owner.roomFor(this);
    }
  }

  @Override
  void goAwayReceived() {
    drain();
  }

  @Override
  public void drain() {
    leave();
    super.drain();
  }

  @Override
  public void channelInactive(ChannelHandlerContext c) throws Exception {
    leave();
    super.channelInactive(c);
  }

  private void leave() {
    if (!gone) {
      gone = true;
      owner.gone(this);
    }
  }

  @Override
  public void sweep(long nowNanos) {
    super.sweep(nowNanos);
    owner.swept();
    if (gone) {
      return;
    }
    boolean unused = connection().numActiveStreams() == 0;
    if (unused && life.isIdle(silence(nowNanos))) {
      drain();
    } else if (ready && life.isAged(nowNanos - bornNanos)) {
      if (unused) {
        drain();
      } else {
        owner.aged(this);
      }
    }
  }
}
