import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2Settings;

/**
 * An upstream that costs little: takes any gRPC call over clear-text HTTP/2 and answers it as Tempo
 * answers an export: a head, an empty message, trailers with status 0. Run from its source: {@code
 * java -cp CLASSPATH loadtest/Sink.java PORT}.
 */
public final class Sink {
  private static final Http2Headers HEAD =
      new DefaultHttp2Headers().status("200").set("content-type", "application/grpc");
  private static final Http2Headers TRAILERS = new DefaultHttp2Headers().set("grpc-status", "0");
  private static final byte[] EMPTY_MESSAGE = new byte[5];

  private Sink() {}

  /** Serves until it is ended. */
  public static void main(String[] args) throws InterruptedException {
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    new ServerBootstrap()
        .group(loops)
        .channel(NioServerSocketChannel.class)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel c) {
                Http2Settings settings =
                    Http2Settings.defaultSettings()
                        .maxConcurrentStreams(1000)
                        .initialWindowSize(1 << 20);
                c.pipeline()
                    .addLast(
                        Http2FrameCodecBuilder.forServer().initialSettings(settings).build(),
                        new Answer());
              }
            })
        .bind("127.0.0.1", Integer.parseInt(args[0]))
        .sync()
        .channel()
        .closeFuture()
        .sync();
  }

  private static final class Answer extends SimpleChannelInboundHandler<Object> {
    @Override
    protected void channelRead0(ChannelHandlerContext c, Object frame) {
      if (frame instanceof Http2DataFrame data) {
        c.write(
            new DefaultHttp2WindowUpdateFrame(data.initialFlowControlledBytes())
                .stream(data.stream()));
        if (data.isEndStream()) {
          answer(c, data.stream());
        }
      } else if (frame instanceof Http2HeadersFrame headers && headers.isEndStream()) {
        answer(c, headers.stream());
      }
    }

    private static void answer(ChannelHandlerContext c, Http2FrameStream stream) {
      c.write(new DefaultHttp2HeadersFrame(HEAD, false).stream(stream));
      c.write(
          new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(EMPTY_MESSAGE), false).stream(stream));
      c.write(new DefaultHttp2HeadersFrame(TRAILERS, true).stream(stream));
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext c) {
      c.flush();
    }
  }
}
