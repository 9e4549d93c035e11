import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2ChannelDuplexHandler;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.AsciiString;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Exports by gRPC as a collector does: header fields are indexed, {@code authorization} among them,
 * and only {@code grpc-timeout} differs from one request to the next. Run from its source: {@code
 * java -cp CLASSPATH loadtest/Load.java TOKENFILE BODYFILE CONNECTIONS STREAMS}. For each line of
 * its standard input, {@code URL REQUESTS TENANT GRPC_STATUS [RATE]}, it makes new connections, sends
 * so many requests, and prints how many had an answer of that status. {@code NAME*N} as the tenant
 * stands for NAME-0 to NAME-(N-1), in turns; {@code anonymous} sends no token.
 *
 * <p>Without a rate it keeps so many streams of each connection busy. With one it sends so many
 * requests a second, whether earlier ones were answered or not, and also prints the median, the 99th
 * percentile and the maximum of their latencies in microseconds, from the moment that each was due.
 */
public final class Load {
  private static final AsciiString METHOD =
      AsciiString.cached("/opentelemetry.proto.collector.trace.v1.TraceService/Export");
  private static final String ANONYMOUS = "anonymous";
  private static final AsciiString GRPC_STATUS = AsciiString.cached("grpc-status");
  private static final long MOST_SECONDS = 300;
  private static final long PATIENCE_SECONDS = 20;

  /** On a connection at a time, as the gateway has it by default. */
  private static final int MOST_STREAMS = 1000;

  private final URI url;
  private final Http2Headers common;
  private final ByteBuf body;
  private final String wanted;
  private final CountDownLatch left;
  private final String tenant;
  private final int tenants;
  private final long[] latenciesNanos;
  private final Map<Http2FrameStream, Long> due = new IdentityHashMap<>();
  private int toStart;
  private int paced;
  private int good;
  private int answered;

  private Load(
      URI url, int requests, String tenant, Http2Headers common, ByteBuf body, String wanted) {
    String[] several = tenant.split("\\*");
    this.tenant = several[0];
    this.tenants = several.length == 1 ? 0 : Integer.parseInt(several[1]);
    this.latenciesNanos = new long[requests];
    this.url = url;
    this.common = common;
    this.body = body;
    this.wanted = wanted;
    this.left = new CountDownLatch(requests);
    this.toStart = requests;
  }

  /** Serves its standard input. */
  public static void main(String[] args) throws Exception {
    AsciiString token = AsciiString.of("Bearer " + Files.readString(Path.of(args[0])).strip());
    ByteBuf body = Unpooled.directBuffer().writeBytes(Files.readAllBytes(Path.of(args[1])));
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = in.readLine()) != null; ) {
      String[] words = line.split(" ");
      Http2Headers common =
          new DefaultHttp2Headers(false)
              .method("POST")
              .path(METHOD)
              .set("content-type", "application/grpc")
              .set("te", "trailers")
              .set("user-agent", "loadtest");
      if (!words[2].equals(ANONYMOUS)) {
        common.set("authorization", token);
      }
      Load load =
          new Load(
              URI.create(words[0]),
              Integer.parseInt(words[1]),
              words[2],
              common,
              body,
              words[3]);
      int rate = words.length > 4 ? Integer.parseInt(words[4]) : 0;
      int streams = rate > 0 ? 0 : Integer.parseInt(args[3]);
      int answers = load.run(loop, Integer.parseInt(args[2]), streams, rate);
      System.out.println(rate > 0 ? answers + load.latencies() : String.valueOf(answers));
    }
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** Everything but the waiting happens on one event loop. */
  private int run(EventLoopGroup loop, int connections, int streams, int rate) throws Exception {
    Client[] clients = new Client[connections];
    common.scheme(url.getScheme()).authority(url.getAuthority());
    SslContext tls = url.getScheme().equals("https") ? tls() : null;
    Channel[] channels = new Channel[connections];
    for (int i = 0; i < connections; i++) {
      Client client = new Client(streams);
      clients[i] = client;
      channels[i] =
          new Bootstrap()
              .group(loop)
              .channel(NioSocketChannel.class)
              .option(ChannelOption.TCP_NODELAY, true)
              .handler(
                  new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel c) {
                      if (tls != null) {
                        c.pipeline().addLast(tls.newHandler(c.alloc()));
                      }
                      Http2Settings settings = Http2Settings.defaultSettings().pushEnabled(false);
                      c.pipeline()
                          .addLast(
                              Http2FrameCodecBuilder.forClient().initialSettings(settings).build(),
                              client);
                    }
                  })
              .connect(url.getHost(), url.getPort())
              .sync()
              .channel();
    }
    ScheduledFuture<?> pace = rate > 0 ? pace(loop, clients, rate) : null;
    long seconds = rate > 0 ? latenciesNanos.length / rate + PATIENCE_SECONDS : MOST_SECONDS;
    boolean done = left.await(seconds, TimeUnit.SECONDS);
    if (pace != null) {
      pace.cancel(false);
    }
    for (Channel c : channels) {
      c.close().sync();
    }
    return done || rate > 0 ? good : -1;
  }

  /** Sends what is due, a thousand times a second, on one connection after the other. */
  private ScheduledFuture<?> pace(EventLoopGroup loop, Client[] clients, int rate) {
    int all = toStart;
    long startNanos = System.nanoTime() + 10_000_000;
    return loop.scheduleAtFixedRate(
        () -> {
          long now = System.nanoTime();
          for (long at; paced < all; paced++) {
            at = startNanos + paced * 1_000_000_000L / rate;
            if (at - now > 0) {
              break;
            }
            clients[paced % clients.length].sendDue(at);
          }
          for (Client client : clients) {
            client.flush();
          }
        },
        0,
        1,
        TimeUnit.MILLISECONDS);
  }

  private String latencies() {
    long[] sorted = Arrays.copyOf(latenciesNanos, answered);
    Arrays.sort(sorted);
    return answered == 0
        ? " 0 0 0"
        : " %d %d %d"
            .formatted(
                sorted[answered / 2] / 1000,
                sorted[(int) (answered * 0.99)] / 1000,
                sorted[answered - 1] / 1000);
  }

  private static SslContext tls() throws Exception {
    return SslContextBuilder.forClient()
        .trustManager(InsecureTrustManagerFactory.INSTANCE)
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                Protocol.ALPN,
                SelectorFailureBehavior.NO_ADVERTISE,
                SelectedListenerFailureBehavior.ACCEPT,
                "h2"))
        .build();
  }

  /** A connection that keeps so many streams busy. */
  private final class Client extends Http2ChannelDuplexHandler {
    private final int streams;
    private final ArrayDeque<Long> waiting = new ArrayDeque<>();
    private ChannelHandlerContext context;
    private int open;
    private boolean gone;
    private boolean begun;

    Client(int streams) {
      this.streams = streams;
    }

    @Override
    public void channelRead(ChannelHandlerContext c, Object frame) {
      if (!begun) { // the server's SETTINGS
        begun = true;
        for (int i = 0; i < streams; i++) {
          send(c);
        }
      }
      if (frame instanceof Http2HeadersFrame headers) {
        CharSequence status = headers.headers().get(GRPC_STATUS);
        if (status != null && wanted.contentEquals(status)) {
          good++;
        }
        if (headers.isEndStream()) {
          ended(c, headers.stream());
        }
      } else if (frame instanceof Http2DataFrame data) {
        c.write(
            new DefaultHttp2WindowUpdateFrame(data.initialFlowControlledBytes())
                .stream(data.stream()));
        if (data.isEndStream()) {
          ended(c, data.stream());
        }
        data.release();
      } else if (frame instanceof Http2ResetFrame reset && reset.errorCode() != 0) {
        ended(c, reset.stream());
      }
    }

    private void ended(ChannelHandlerContext c, Http2FrameStream stream) {
      Long at = due.remove(stream);
      if (at != null) {
        latenciesNanos[answered++] = System.nanoTime() - at;
      }
      left.countDown();
      if (streams > 0) {
        send(c);
        return;
      }
      open--;
      Long next = waiting.poll();
      if (next != null) {
        sendDue(next);
      }
    }

    @Override
    protected void handlerAdded0(ChannelHandlerContext c) {
      context = c;
    }

    @Override
    public void channelInactive(ChannelHandlerContext c) { // nothing comes back any more
      gone = true;
      for (int i = open + waiting.size(); i > 0; i--) {
        left.countDown();
      }
    }

    /** At once, or when the server's limit of streams allows it. */
    void sendDue(long atNanos) {
      if (gone) {
        toStart--;
        left.countDown();
      } else if (open >= MOST_STREAMS) {
        waiting.add(atNanos);
      } else {
        open++;
        due.put(send(context), atNanos);
      }
    }

    void flush() {
      context.flush();
    }

    private Http2FrameStream send(ChannelHandlerContext c) {
      if (toStart == 0) {
        return null;
      }
      int number = toStart--;
      Http2FrameStream stream = newStream();
      Http2Headers head = new DefaultHttp2Headers(false).setAll(common);
      head.set("grpc-timeout", 4_900_000 + number % 100_000 + "u");
      head.set("x-scope-orgid", tenants == 0 ? tenant : tenant + "-" + number % tenants);
      c.write(new DefaultHttp2HeadersFrame(head, false).stream(stream));
      c.write(new DefaultHttp2DataFrame(body.retainedDuplicate(), true).stream(stream));
      return stream;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext c) {
      c.flush();
    }
  }
}
