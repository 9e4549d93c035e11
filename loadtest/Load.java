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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Exports by gRPC as a collector does: header fields are indexed, {@code authorization} among them,
 * and only {@code grpc-timeout} differs from one request to the next. Run from its source: {@code
 * java -cp CLASSPATH loadtest/Load.java TOKENFILE BODYFILE CONNECTIONS STREAMS}. For each line of
 * its standard input, {@code URL REQUESTS TENANT GRPC_STATUS}, it makes new connections, sends so
 * many requests, and prints how many had an answer of that status.
 */
public final class Load {
  private static final AsciiString METHOD =
      AsciiString.cached("/opentelemetry.proto.collector.trace.v1.TraceService/Export");
  private static final AsciiString GRPC_STATUS = AsciiString.cached("grpc-status");
  private static final long MOST_SECONDS = 300;

  private final URI url;
  private final Http2Headers common;
  private final ByteBuf body;
  private final String wanted;
  private final CountDownLatch left;
  private int toStart;
  private int good;

  private Load(URI url, int requests, Http2Headers common, ByteBuf body, String wanted) {
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
              .set("user-agent", "loadtest")
              .set("authorization", token)
              .set("x-scope-orgid", words[2]);
      Load load = new Load(URI.create(words[0]), Integer.parseInt(words[1]), common, body, words[3]);
      System.out.println(load.run(loop, Integer.parseInt(args[2]), Integer.parseInt(args[3])));
    }
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** Everything but the waiting happens on one event loop. */
  private int run(EventLoopGroup loop, int connections, int streams) throws Exception {
    common.scheme(url.getScheme()).authority(url.getAuthority());
    SslContext tls = url.getScheme().equals("https") ? tls() : null;
    Channel[] channels = new Channel[connections];
    for (int i = 0; i < connections; i++) {
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
                              new Client(streams));
                    }
                  })
              .connect(url.getHost(), url.getPort())
              .sync()
              .channel();
    }
    boolean done = left.await(MOST_SECONDS, TimeUnit.SECONDS);
    for (Channel c : channels) {
      c.close().sync();
    }
    return done ? good : -1;
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
          ended(c);
        }
      } else if (frame instanceof Http2DataFrame data) {
        c.write(
            new DefaultHttp2WindowUpdateFrame(data.initialFlowControlledBytes())
                .stream(data.stream()));
        if (data.isEndStream()) {
          ended(c);
        }
        data.release();
      } else if (frame instanceof Http2ResetFrame reset && reset.errorCode() != 0) {
        ended(c);
      }
    }

    private void ended(ChannelHandlerContext c) {
      left.countDown();
      send(c);
    }

    private void send(ChannelHandlerContext c) {
      if (toStart == 0) {
        return;
      }
      int number = toStart--;
      Http2FrameStream stream = newStream();
      Http2Headers head = new DefaultHttp2Headers(false).setAll(common);
      head.set("grpc-timeout", 4_900_000 + number % 100_000 + "u");
      c.write(new DefaultHttp2HeadersFrame(head, false).stream(stream));
      c.write(new DefaultHttp2DataFrame(body.retainedDuplicate(), true).stream(stream));
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext c) {
      c.flush();
    }
  }
}
