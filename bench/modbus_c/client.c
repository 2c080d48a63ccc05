/* The load: PORT CLIENTS SECONDS. Each client is a thread that reads 125 registers over and over; prints the number
   of good answers of all together. */
#include <modbus.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int port;
static atomic_long answers;
static atomic_int stop;

static void *ask(void *unused)
{
    modbus_t *ctx = modbus_new_tcp("127.0.0.1", port);
    uint16_t registers[125];

    (void) unused;
    modbus_set_slave(ctx, 1);
    if (modbus_connect(ctx) < 0) {
        perror("connect");
        exit(EXIT_FAILURE);
    }
    while (!stop) {
        if (modbus_read_registers(ctx, 2000, 125, registers) != 125) {
            perror("read");
            exit(EXIT_FAILURE);
        }
        answers++;
    }
    modbus_close(ctx);
    modbus_free(ctx);
    return NULL;
}

int main(int count, char **words)
{
    if (count != 4)
        return 2;
    port = atoi(words[1]);
    int clients = atoi(words[2]);
    pthread_t *threads = calloc(clients, sizeof *threads);
    for (int i = 0; i < clients; i++)
        pthread_create(&threads[i], NULL, ask, NULL);
    usleep((useconds_t) (atof(words[3]) * 1e6));
    stop = 1;
    for (int i = 0; i < clients; i++)
        pthread_join(threads[i], NULL);
    printf("%ld\n", (long) answers);
    return 0;
}
